/** What is known of one search in one log: the matching lines found so far, and how far that was. A later search goes on from there. */
import { SEARCH_BUCKETS } from '../../../src/shared/protocol/log_bounds.ts';
import { ContextRows } from './context_rows.ts';
import { HitLines } from './hit_lines.ts';
import type { LogPosition, SearchJob } from './search_job.ts';

/** So many matching lines go out with the stream; others are asked for. */
export const FIRST_HITS = 1_000;

/** What a search that came to the end of the log has to say of it. */
export interface Complete {
  bytes: number;
  closed: boolean;
  /** Matching lines by place, in parts of the log of equal size. */
  buckets: number[];
}

export class KeptSearch {
  readonly #lines = new HitLines();
  readonly #first: LogPosition[] = [];
  /** Where it goes on: the beginning of a line that was not looked at, or was not finished. */
  #at: LogPosition = { offset: 0, n: 1 };
  /** The unfinished last line, when it matches. Kept apart, because it may change. */
  #tail: LogPosition | null = null;
  #complete: Complete | null = null;
  #rows: { context: number; rows: ContextRows } | null = null;

  get at(): LogPosition {
    return this.#at;
  }

  get complete(): Complete | null {
    return this.#complete;
  }

  /** Matching lines so far. */
  get length(): number {
    return this.#lines.length + (this.#tail === null ? 0 : 1);
  }

  /** Entries kept in memory. */
  get kept(): number {
    return this.#lines.length;
  }

  /** The first `FIRST_HITS`. */
  get first(): readonly LogPosition[] {
    return this.#tail === null || this.#first.length === FIRST_HITS ? this.#first : [...this.#first, this.#tail];
  }

  /** Line of match `k`. */
  line(k: number): number {
    return k < this.#lines.length ? this.#lines.at(k) : (this.#tail?.n ?? 0);
  }

  /** The first match at line `n` or later; their number when there is none. */
  firstFrom(n: number): number {
    const k = this.#lines.firstFrom(n);
    return k === this.#lines.length && this.#tail !== null && this.#tail.n < n ? k + 1 : k;
  }

  rows(context: number): ContextRows {
    if (this.#rows?.context !== context) {
      this.#rows = { context, rows: new ContextRows({ length: () => this.length, at: (k) => this.line(k) }, context) };
    }
    return this.#rows.rows;
  }

  /** Goes on: what came of the last, unfinished line is asked for again. */
  goOn(): void {
    if (this.#tail !== null) this.#rows = null;
    this.#tail = null;
    this.#complete = null;
  }

  take({ lines, first, at }: SearchJob['told']): void {
    // A line too long to be looked at in one go may have been found by its part before.
    const known = lines[0] !== undefined && this.#has(lines[0]) ? 1 : 0;
    this.#lines.push(lines.subarray(known));
    // Shares that were looked through side by side each told as many as were wanted of them all.
    this.#first.push(...first.slice(known, known + FIRST_HITS - this.#first.length));
    this.#at = at;
  }

  /** It is the last one kept. */
  #has(n: number): boolean {
    return this.#lines.length > 0 && this.#lines.at(this.#lines.length - 1) === n;
  }

  end({ tail, buckets }: SearchJob['answer'], { bytes, closed }: { bytes: number; closed: boolean }): void {
    this.#tail = tail === null || this.#has(tail.n) ? null : tail;
    const before = [...buckets.map((n) => this.firstFrom(n)), this.length];
    const counts = Array.from({ length: SEARCH_BUCKETS }, (_, bucket) => (before[bucket + 1] ?? 0) - (before[bucket] ?? 0));
    this.#complete = { bytes, closed, buckets: counts };
  }
}
