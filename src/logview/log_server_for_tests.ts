/** A log in memory that answers as the server does; and one that is written, cut into chunks, lost in part. */
import { PLAIN, styleAfter, type Style } from '../shared/output/ansi.ts';
import { packStyle } from '../shared/output/packed_style.ts';
import { bodyEnd, standingLine } from '../shared/output/standing.ts';
import { RunId } from '../shared/protocol/ids.ts';
import { LINE_SENT_BYTES } from '../shared/protocol/log_bounds.ts';
import type { LinesAnswer, LogLine, LogStatAnswer, PlaceAnswer } from '../shared/protocol/run_log.ts';
import type { ChunkText } from './log_lane.ts';
import type { LogPlace, LogServer } from './log_server.ts';

const RUN = RunId.parse(42);
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** One chunk a ms. */
const EPOCH_MS = 1_000;

interface StoredLine {
  offset: number;
  bytes: number;
  raw: string;
  style: Style;
  after: Style;
}

export class LogInMemory implements LogServer {
  #bytes = new Uint8Array(0);
  #chunks: ChunkText[] = [];
  closed = false;
  /** Thrown instead of an answer, as long as it is set. */
  broken: Error | null = null;
  /** Questions so far: `stat`, `lines 1+256`, `place …`. */
  readonly asked: string[] = [];
  /** At most so many lines in one answer. */
  lines_most = Infinity;

  get bytes(): number {
    return this.#bytes.length;
  }
  get chunks(): readonly ChunkText[] {
    return this.#chunks;
  }

  /** @returns the chunk that follows. */
  write(text: string): ChunkText {
    const added = encoder.encode(text);
    const offset = this.#bytes.length;
    const chunk = { offset, bytes: added.length, text, line: this.#feeds() + 1, at: EPOCH_MS + this.#chunks.length };
    const all = new Uint8Array(offset + added.length);
    all.set(this.#bytes);
    all.set(added, offset);
    this.#bytes = all;
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The log as an array. */
  all(): StoredLine[] {
    const lines: StoredLine[] = [];
    let style = PLAIN;
    for (let offset = 0; offset < this.#bytes.length;) {
      const feed = this.#bytes.indexOf(10, offset);
      const end = feed === -1 ? this.#bytes.length : feed;
      const raw = decoder.decode(this.#bytes.subarray(offset, end));
      const after = styleAfter(raw, style);
      lines.push({ offset, bytes: end - offset, raw, style, after });
      style = after;
      offset = end + 1;
    }
    return lines;
  }

  async stat(): Promise<LogStatAnswer> {
    await this.#answer('stat');
    return { ...this.#extent(), first_at: null, last_at: null, longest_pause_ms: 0, kept_until: null, kept_why: 'Logs are kept.' };
  }

  async lines(_run_id: number, from: number, count: number, signal: AbortSignal): Promise<LinesAnswer> {
    await this.#answer(`lines ${from}+${count}`);
    signal.throwIfAborted();
    return this.#lines(from, count);
  }

  async lastLines(_run_id: number, count: number): Promise<LinesAnswer> {
    await this.#answer(`last ${count}`);
    return this.#lines(Math.max(1, this.all().length - count + 1), count);
  }

  #lines(from: number, count: number): LinesAnswer {
    const all = this.all();
    const found = all.slice(from - 1, from - 1 + Math.min(count, this.lines_most));
    const items = found.map((line, i): LogLine => ({ n: from + i, offset: line.offset, bytes: line.bytes, ...sent(line) }));
    const style = packStyle(found[0]?.style ?? PLAIN);
    return { ...this.#extent(), style, items, times: items.map(({ n, offset }) => [n, this.#timeAt(offset)]) };
  }

  async place(_run_id: number, place: LogPlace): Promise<PlaceAnswer> {
    await this.#answer(`place ${JSON.stringify(place)}`);
    const all = this.all();
    const index = all.findIndex(({ offset, bytes }, i) => {
      if ('line' in place) return i + 1 === place.line;
      return 'offset' in place ? place.offset <= offset + bytes : this.#timeAt(offset) >= place.at;
    });
    const n = index === -1 ? all.length : index + 1;
    const offset = all[n - 1]?.offset ?? 0;
    return { ...this.#extent(), n, offset, at: n === 0 ? null : this.#timeAt(offset) };
  }

  marks = unused;
  search = unused;
  hits = unused;
  hitLines = unused;
  pace = unused;

  async #answer(what: string): Promise<void> {
    this.asked.push(what);
    await Promise.resolve();
    if (this.broken !== null) throw this.broken;
  }

  #extent(): { run_id: RunId; bytes: number; lines: number; closed: boolean } {
    return { run_id: RUN, bytes: this.#bytes.length, lines: this.all().length, closed: this.closed };
  }

  #feeds(): number {
    return this.#bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
  }

  #timeAt(offset: number): number {
    return this.#chunks.findLast((chunk) => chunk.offset <= offset)?.at ?? EPOCH_MS;
  }
}

/** What the server sends of a line. */
function sent(line: StoredLine): Pick<LogLine, 'text' | 'cut' | 'skipped'> {
  if (line.bytes <= LINE_SENT_BYTES) return { text: line.raw };
  const { raw: stands, start } = standingLine(line.raw, line.style);
  const kept = new Uint8Array(LINE_SENT_BYTES);
  const { read } = encoder.encodeInto(stands, kept);
  return {
    text: stands.slice(0, read),
    cut: packStyle(line.after),
    skipped: { bytes: encoder.encode(line.raw.slice(0, bodyEnd(line.raw) - stands.length)).length, style: packStyle(start) },
  };
}

function unused(): never {
  throw new Error('not asked here');
}
