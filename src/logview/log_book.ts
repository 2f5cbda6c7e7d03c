/**
 * One run's log, by line: any of them, at any size, in flat memory. Lines come from two places, the live lane (the newest) and pages of the file (whatever is
 * looked at), and may go again; what is not here is asked for when it is wanted and is until then a line that says it waits, or why it did not come. Without
 * this a long log is either not shown whole or not shown at all. It never shows a line that the file does not have, or in a style it does not have: a
 * line whose beginning or style is not known is not here.
 */
import { unpackStyle } from '../shared/output/packed_style.ts';
import { LAST_LINES } from '../shared/protocol/log_bounds.ts';
import type { LogStatAnswer } from '../shared/protocol/run_log.ts';
import type { BookLine, HeldLine } from './held_line.ts';
import { LogLane, type ChunkText, type Extent } from './log_lane.ts';
import { LogPage, pageOf, pagesIn } from './log_page.ts';
import type { LogPlace, LogServer } from './log_server.ts';
import { PageQueue } from './page_queue.ts';
import { PageStore, type StoreBound } from './page_store.ts';

/** Half of what a book holds; the lane and the pages each have one. */
export const HALF_BOOK: StoreBound = { lines: 20_000, chars: 12 * 1024 * 1024 };
/** A log up to this size is read by the lane from its beginning. */
export const SHORT_LOG_BYTES = 256 * 1024;

export interface BookDeps {
  run_id: number;
  server: LogServer;
  /** Lines came, went or failed. Often; the caller paints when it sees fit. */
  changed: () => void;
}

export class LogBook {
  readonly #deps: BookDeps;
  readonly #lane: LogLane;
  readonly #pages: PageStore;
  readonly #queue: PageQueue;
  /** How far the log is known to reach. */
  #bytes = 0;
  #closed = false;
  #stat: LogStatAnswer | null = null;
  /** Of those looked at, whole ones that were here: what comes fast pushes them out of the lane before their page has come. */
  #looked_at: ReadonlyMap<number, HeldLine> = new Map();
  #counting = false;
  #uncounted_why = '';
  /** The line whose style was asked for last, and whether the answer is on its way. */
  #style_asked = 0;
  #style_waits = false;

  constructor(deps: BookDeps, half = HALF_BOOK) {
    this.#deps = deps;
    this.#lane = new LogLane(half);
    this.#pages = new PageStore(half);
    this.#queue = new PageQueue((page, signal) => this.#fetch(page, signal), deps.changed);
  }

  /** Lines known to be there. */
  get lines(): number {
    return this.#lane.counted.lines;
  }
  /** Lines that are there by what the server said last: a short log comes by the lane, after it was told how long it is. */
  get told(): number {
    return Math.max(this.lines, this.#stat?.lines ?? 0);
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** No more will come. */
  get closed(): boolean {
    return this.#closed;
  }
  /** As the server last said. */
  get stat(): LogStatAnswer | null {
    return this.#stat;
  }
  /** Byte offset the lane goes on from. */
  get lane_end(): number {
    return this.#lane.end;
  }
  /** Bytes at the end of which not even the number of lines is known; 0 when there are none. */
  get uncounted(): number {
    return Math.max(0, this.#bytes - this.#lane.counted.bytes);
  }
  /** Why they could not be counted; '' while that was not tried or is under way. */
  get uncounted_why(): string {
    return this.#uncounted_why;
  }
  /** What is in memory. */
  get size(): StoreBound {
    const [lane, pages] = [this.#lane.size, this.#pages.size];
    return { lines: lane.lines + pages.lines, chars: lane.chars + pages.chars };
  }

  /** Looks how long the log is, and where its last line begins: the lane goes on from there. Before that nothing is fed. @throws as the server. */
  async open(): Promise<void> {
    // Both at once, and both to their end: nothing may change where the lane begins afterwards.
    for (const asked of await Promise.allSettled([this.askStat(), this.#begin()]))
      if (asked.status === 'rejected') throw asked.reason as Error;
  }

  line(n: number): BookLine {
    const held = this.#held(n) ?? this.#looked_at.get(n) ?? null;
    if (held !== null) return held;
    const reason = this.#queue.failure(pageOf(n));
    return reason === null ? { type: 'waiting' } : { type: 'failed', reason };
  }

  /** Lines in view. What is not here of them is asked for, the first first; what was asked for before and is not in view is not. */
  want(lines: readonly number[]): void {
    this.#looked_at = this.#wholeOf(lines);
    const in_view = new Set(lines.map(pageOf));
    this.#queue.want([...new Set(lines.filter((n) => this.#lacks(n)).map(pageOf))]);
    this.#pages.keep(in_view);
  }

  /** Asks again for a line that failed. */
  again(n: number): void {
    this.#queue.forgive(pageOf(n));
  }

  /** @returns false when the chunk overlaps: the lane must be asked again from `lane_end`. */
  feed(chunk: ChunkText): boolean {
    const fed = this.#lane.feed(chunk);
    if (fed === 'overlap') return false;
    this.#bytes = Math.max(this.#bytes, this.#lane.end);
    if (fed === 'not_numbered') void this.count();
    void this.#askStyle();
    this.#deps.changed();
    return true;
  }

  /** The lane leaves out bytes up to `to`. */
  skipTo(to: number): void {
    this.#lane.skipTo(to);
    this.#bytes = Math.max(this.#bytes, to);
    void this.count();
    this.#deps.changed();
  }

  /** The log is closed. */
  end(bytes: number): void {
    this.#closed = true;
    this.skipTo(bytes);
  }

  /** Asks how many lines there are, when that is not known. Never rejects; see `uncounted_why`. */
  async count(): Promise<void> {
    if (this.#counting || this.uncounted === 0) return;
    this.#counting = true;
    this.#uncounted_why = '';
    try {
      const stat = await this.#deps.server.stat(this.#deps.run_id);
      if (stat !== null) this.#see(stat);
    } catch (error) {
      this.#uncounted_why = sentence(error);
    } finally {
      this.#counting = false;
      this.#deps.changed();
    }
  }

  /** What the server says of the log now. @throws as the server. */
  async askStat(): Promise<LogStatAnswer | null> {
    this.#stat = await this.#deps.server.stat(this.#deps.run_id);
    return this.#stat;
  }

  /** The line at a place; null when the log has none. @throws as the server. */
  async place(place: LogPlace): Promise<number | null> {
    const answer = await this.#deps.server.place(this.#deps.run_id, place);
    if (answer.n > this.lines) this.#see(answer);
    return answer.n === 0 ? null : answer.n;
  }

  /** Idempotent. */
  close(): void {
    this.#queue.close();
  }

  /** How long a log is and its last screen come with one answer: until then there is nothing to read. */
  async #begin(): Promise<void> {
    const answer = await this.#deps.server.lastLines(this.#deps.run_id, LAST_LINES);
    if (answer === null || answer.bytes <= SHORT_LOG_BYTES || answer.lines === 0) return;
    for (const page of pagesIn(answer)) this.#pages.put(pageOf(page.first), page);
    const number = pageOf(answer.lines);
    // Of very long lines not all fit one answer.
    if (this.#pages.line(answer.lines) === null) await this.#fetch(number, new AbortController().signal);
    const last = this.#pages.get(number)?.lastStart ?? null;
    if (last !== null) this.#lane.startAt(last);
    this.#see(answer);
    this.#deps.changed();
  }

  #held(n: number): HeldLine | null {
    return n > this.lines ? null : (this.#lane.line(n) ?? this.#pages.line(n));
  }

  #wholeOf(lines: readonly number[]): Map<number, HeldLine> {
    const whole = new Map<number, HeldLine>();
    for (const n of lines) {
      const line = n < this.lines ? (this.#held(n) ?? this.#looked_at.get(n)) : undefined;
      if (line !== undefined) whole.set(n, line);
    }
    return whole;
  }

  #lacks(n: number): boolean {
    if (n < 1 || n > this.lines || this.#lane.line(n) !== null) return false;
    if (this.#style_waits && n >= this.#style_asked) return false;
    return this.#pages.get(pageOf(n))?.lacks(n, this.#bytes, n < this.lines || this.#closed) ?? true;
  }

  #see({ bytes, lines, closed }: Extent & { closed: boolean }): void {
    this.#lane.count({ bytes, lines });
    this.#bytes = Math.max(this.#bytes, bytes);
    this.#closed ||= closed;
  }

  async #fetch(number: number, signal: AbortSignal): Promise<void> {
    const page = this.#pages.get(number) ?? new LogPage(number);
    const answer = await this.#deps.server.lines(this.#deps.run_id, page.next, page.room, signal);
    // Lines the lane is about to bring are not counted ahead of it: they would be asked for twice.
    if (this.uncounted > 0) this.#see(answer);
    if (!page.add(answer)) throw new Error(`The server did not send line ${page.next.toLocaleString('en')}.`);
    this.#pages.put(number, page);
  }

  /** After a gap the colours that lines begin in are not known. */
  async #askStyle(): Promise<void> {
    const n = this.#lane.styleWanted;
    if (n === null || n === this.#style_asked) return;
    this.#style_asked = n;
    this.#style_waits = true;
    try {
      const answer = await this.#deps.server.lines(this.#deps.run_id, n, 1, new AbortController().signal);
      if (answer.items[0]?.n === n) this.#lane.begins(n, unpackStyle(answer.style));
    } catch {
      // Then these lines come as pages do, and say so when those fail, too.
    } finally {
      if (this.#style_asked === n) this.#style_waits = false;
      this.#deps.changed();
    }
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
