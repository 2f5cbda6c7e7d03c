/**
 * Matching lines with the lines around them, each line once, as rows counted from 0. Where row r begins is found without counting from the first: for
 * every so many matches it is remembered how many rows came before them.
 */
const MATCHES_A_MARK = 1_024;

/** Matching lines, which may get more. */
export interface Matches {
  length: () => number;
  /** Line of match `k`. */
  at: (k: number) => number;
}

export class ContextRows {
  readonly #hits: Matches;
  readonly #context: number;
  /** Rows before match `MATCHES_A_MARK * i`. */
  readonly #marks = [0];

  constructor(hits: Matches, context: number) {
    this.#hits = hits;
    this.#context = context;
  }

  /** @param lines of the log. */
  total(lines: number): number {
    const length = this.#hits.length();
    if (length === 0) return 0;
    return this.#before(length) - Math.max(0, this.#hits.at(length - 1) + this.#context - lines);
  }

  /** The first row that match `k` adds, or its own when the matches before it brought its lines already. */
  ofMatch(k: number): number {
    const before = this.#before(k);
    return before - Math.max(0, this.#from(k) - this.#hits.at(k));
  }

  /** Line numbers of rows [row, row + count). */
  lines(row: number, count: number, lines: number): number[] {
    const found: number[] = [];
    let k = this.#holding(row);
    let before = this.#before(k);
    for (; k < this.#hits.length() && found.length < count; k++) {
      const from = this.#from(k) + Math.max(0, row - before);
      const to = Math.min(this.#hits.at(k) + this.#context, lines);
      for (let n = from; n <= to && found.length < count; n++) found.push(n);
      before += this.#adds(k);
    }
    return found;
  }

  /** Line of the first row match `k` adds. */
  #from(k: number): number {
    const after = k === 0 ? 1 : this.#hits.at(k - 1) + this.#context + 1;
    return Math.max(after, this.#hits.at(k) - this.#context);
  }

  #adds(k: number): number {
    return this.#hits.at(k) + this.#context - this.#from(k) + 1;
  }

  /** Rows before those that match `k` adds, as if the log never ended. */
  #before(k: number): number {
    const mark = Math.floor(k / MATCHES_A_MARK);
    while (this.#marks.length <= mark)
      this.#marks.push(this.#sum((this.#marks.length - 1) * MATCHES_A_MARK, this.#marks.length * MATCHES_A_MARK));
    return this.#sum(mark * MATCHES_A_MARK, k);
  }

  /** From the mark at match `from`. */
  #sum(from: number, to: number): number {
    let rows = this.#marks[from / MATCHES_A_MARK] ?? 0;
    for (let k = from; k < to; k++) rows += this.#adds(k);
    return rows;
  }

  /** The match whose rows hold `row`. */
  #holding(row: number): number {
    let low = 0;
    for (let high = this.#hits.length(); low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#before(middle + 1) > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
