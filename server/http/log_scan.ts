/**
 * Reads a run's log line by line: a window of lines, or the lines that hold a text. Bounded in lines, bytes and readers at a time, because
 * each scan begins at the start of the file. Substring only: a regular expression from outside could block the event loop.
 */
import type { LogStore } from '../logstore/port.ts';
import { Failure } from '../failure.ts';
import { LineSplitter, type Line } from './line_splitter.ts';

export const SCAN_BYTES = 256 * 1024 * 1024;
const SCANS_AT_ONCE = 4;
const MATCH_TEXT_LENGTH = 2000;
/** Colours and cursor moves, which may stand in the middle of what is looked for. */
const ANSI = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;

export interface ScannedLine {
  n: number;
  offset: number;
  text: string;
  /** Present when the line goes on beyond what is shown. */
  cut?: true;
}

export interface Scan {
  lines: ScannedLine[];
  /** True when there are more lines or matches than were asked for. */
  more: boolean;
  /** False when the scan ended at its bound before the end of the log. */
  complete: boolean;
}

export class LogScanner {
  readonly #logs: Pick<LogStore, 'bytes'>;
  #scanning = 0;

  constructor(logs: Pick<LogStore, 'bytes'>) {
    this.#logs = logs;
  }

  /** Lines `from`..`from + count - 1`, as written. */
  window(run_id: number, size: number, from: number, count: number, signal: AbortSignal): Promise<Scan> {
    return this.#scan(run_id, size, count, signal, (line) => (line.n < from ? null : show(line, line.text())));
  }

  /** Lines after line `after` that hold `text`, colours left out. */
  search(
    run_id: number,
    size: number,
    what: { text: string; ignoreCase: boolean; after: number; limit: number },
    signal: AbortSignal,
  ): Promise<Scan> {
    const folded = (text: string): string => (what.ignoreCase ? text.toLowerCase() : text);
    const wanted = folded(what.text);
    return this.#scan(run_id, size, what.limit, signal, (line) => {
      if (line.n <= what.after) return null;
      const text = line.text().replace(ANSI, '');
      const at = folded(text).indexOf(wanted);
      if (at < 0) return null;
      const begin = Math.max(0, at - MATCH_TEXT_LENGTH / 2);
      const shown = show(line, text.slice(begin, begin + MATCH_TEXT_LENGTH));
      return shown.text.length < text.length ? { ...shown, cut: true } : shown;
    });
  }

  async #scan(run_id: number, size: number, limit: number, signal: AbortSignal, pick: (line: Line) => ScannedLine | null): Promise<Scan> {
    if (this.#scanning >= SCANS_AT_ONCE) throw new Failure('too_many', 'Several logs are being searched. Try again in a moment.');
    this.#scanning++;
    try {
      return await pickLines(this.#logs.bytes(run_id, 0, Math.min(size, SCAN_BYTES)), size <= SCAN_BYTES, limit, signal, pick);
    } finally {
      this.#scanning--;
    }
  }
}

async function pickLines(
  bytes: NodeJS.ReadableStream,
  complete: boolean,
  limit: number,
  signal: AbortSignal,
  pick: (line: Line) => ScannedLine | null,
): Promise<Scan> {
  const splitter = new LineSplitter();
  const lines: ScannedLine[] = [];
  // One more than asked for tells whether there are more.
  const take = (found: readonly Line[]): boolean => {
    for (const line of found) {
      const picked = pick(line);
      if (picked !== null && lines.push(picked) > limit) return true;
    }
    return false;
  };
  for await (const data of bytes) {
    signal.throwIfAborted();
    if (take(splitter.push(Buffer.from(data)))) return { lines: lines.slice(0, limit), more: true, complete };
  }
  const more = take(splitter.end());
  return { lines: lines.slice(0, limit), more, complete };
}

function show(line: Line, text: string): ScannedLine {
  return { n: line.n, offset: line.offset, text, ...(line.cut ? { cut: true as const } : {}) };
}
