/** Looks for a query in a share of a log, in a worker thread, in time linear in the share, telling what it found on the way. */
import type { FileHandle } from 'node:fs/promises';
import v8 from 'node:v8';
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import { systemClock } from '../../clock.ts';
import { openIndex } from '../index_reader.ts';
import { openLogBytes, type LogBytes } from '../log_bytes.ts';
import type { LogSource } from '../port.ts';
import type { Job } from '../worker/serve_jobs.ts';
import { blocks, type Block } from './blocks.ts';
import { bucketLines } from './bucket_lines.ts';
import { lineNumber, lineStart } from './line_start.ts';
import { matcher } from './matcher.ts';
import { scanLines } from './scan_lines.ts';
import { slices } from './slices.ts';

/** What is found is told so often, but the first of it at once. */
const TELL_EVERY_MS = 50;
const LINE_FEED = 10;

/** A byte of a log and the number of the line it is in. */
export interface LogPosition {
  offset: number;
  n: number;
}

export type SearchJob = {
  ask: {
    source: LogSource;
    query: LogQuery;
    /** The lines that begin in bytes [from, to). */
    from: number;
    to: number;
    /** Number of the line that is known to begin at `from`, or of the part there of one that is too long; null when nothing is known of the place. */
    n: number | null;
    /** Tests every line by itself: the pattern got stuck on many at once. */
    by_line: boolean;
    /** How many matching lines are also told with their offset. */
    first: number;
  };
  told: {
    /** Numbers of matching lines, ascending; none of them is told twice. */
    lines: Uint32Array<ArrayBuffer>;
    /** The first of them, with their beginnings. */
    first: LogPosition[];
    /** Where a later search goes on: everything before has been told. */
    at: LogPosition;
  };
  answer: {
    /** The last line, if it matches but has no line feed yet, and may still change. */
    tail: LogPosition | null;
    /** For each bucket the number of the first line that begins in it or behind it; of the share at the end of the log. */
    buckets: number[];
  };
};

/**
 * Where the ordinary engine has to go back too often over a line, V8 goes on with its linear one, which would be a hundred times slower as a rule. It
 * knows neither flag i (see regex_source.ts) nor u, lookaround or backreferences; those are left to the guard. The flag is the whole process's, and
 * changes nothing but what would have taken for ever.
 */
v8.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

export const searchLog: Job<SearchJob> = async ({ source, query, from, to, n: known, by_line, first }, { cancelled, tell, guarded }) => {
  const wanted = matcher(query, by_line);
  const log = await openLogBytes(source);
  let index: FileHandle | null = null;
  try {
    if (source.chunks > 0) index = await openIndex(source);
    const findings = new Findings(first);
    let tail: LogPosition | null = null;
    const begin = known === null ? lineStart(log, from, to) : from;
    let n = known ?? (begin === null ? 0 : lineNumber(log, index, source, begin));
    for (const { offset, data } of linesOf(log, begin ?? source.bytes, { to, bytes: source.bytes })) {
      const end = offset + data.length;
      // What stands behind the last line feed may still change.
      const whole = data.at(-1) === LINE_FEED || end < source.bytes;
      for (const slice of slices(data)) {
        const lineBegin = lineBegins(slice);
        const scan = (beat: () => void): void => {
          const place = (feeds: number): LogPosition => ({
            n: n + feeds,
            offset: offset + slice.byteOffset - data.byteOffset + lineBegin(feeds),
          });
          n += scanLines(slice, wanted, {
            beat() {
              beat();
              if (cancelled()) throw new Error('nobody wants the answer');
            },
            found(feeds) {
              if (whole) findings.add(n + feeds, () => place(feeds));
              else tail = place(feeds);
            },
          });
        };
        if (query.mode === 'regex') guarded(scan);
        else scan(() => {});
        if (cancelled()) break;
      }
      if (cancelled()) break;
      if (whole) findings.tellSome({ offset: end, n }, tell);
    }
    findings.tell(tell);
    return { tail, buckets: to === source.bytes ? bucketLines(log, index, source) : [] };
  } finally {
    await index?.close();
    await log.close();
  }
};

/** Blocks of the lines that begin in [from, to). The last of them may reach beyond, however far. @param bytes of the log. */
function* linesOf(log: LogBytes, from: number, { to, bytes }: { to: number; bytes: number }): Generator<Block> {
  for (const { offset, data } of blocks(log, from, bytes)) {
    const feed = offset + data.length < to ? -1 : data.indexOf(LINE_FEED, Math.max(0, to - 1 - offset));
    yield feed === -1 ? { offset, data } : { offset, data: data.subarray(0, feed + 1) };
    if (feed !== -1) return;
  }
}

/** Where the line begins before which there are so many line feeds. No fewer than the time before: it counts on from there. */
function lineBegins(data: Buffer): (feeds: number) => number {
  let [passed, at] = [0, 0];
  return (feeds) => {
    for (; passed < feeds; passed++) at = data.indexOf(LINE_FEED, at) + 1;
    return at;
  };
}

/** What was found and is not told yet. */
class Findings {
  readonly #firstWanted: number;
  #lines: number[] = [];
  #first: LogPosition[] = [];
  #firstFound = 0;
  #last = 0;
  #at: LogPosition | null = null;
  #told_at = 0;

  constructor(firstWanted: number) {
    this.#firstWanted = firstWanted;
  }

  add(n: number, place: () => LogPosition): void {
    // Parts of one line.
    if (n === this.#last) return;
    this.#last = n;
    this.#lines.push(n);
    if (this.#firstFound >= this.#firstWanted) return;
    this.#firstFound++;
    this.#first.push(place());
  }

  /** Of everything before `at`, when there is something for a reader to see at once, or it is time. */
  tellSome(at: LogPosition, tell: (told: SearchJob['told'], transfer: ArrayBuffer[]) => void): void {
    this.#at = at;
    if (this.#first.length > 0 || systemClock.now() - this.#told_at >= TELL_EVERY_MS) this.tell(tell);
  }

  tell(tell: (told: SearchJob['told'], transfer: ArrayBuffer[]) => void): void {
    if (this.#at === null) return;
    const lines = Uint32Array.from(this.#lines);
    tell({ lines, first: this.#first, at: this.#at }, [lines.buffer]);
    this.#lines = [];
    this.#first = [];
    this.#told_at = systemClock.now();
  }
}
