/** How lines look, worked out once for as long as they stay on the screen, and how many rows they wrap to. */
import { parseLine, type Span } from '../shared/output/ansi.ts';
import { wrapOffsets } from './display_width.ts';
import type { HeldLine } from './held_line.ts';

export interface LineLook {
  spans: readonly Span[];
  /** What is shown of it, without colours. */
  text: string;
  /** Where its rows begin in `text`. */
  offsets: readonly number[];
}

const LOOKS_KEPT = 1_000;
const MEASURED_MOST = 50_000;
const ONE_ROW = [0];

export class LineLooks {
  readonly #columns: number | null;
  readonly #looks = new Map<number, { line: HeldLine; look: LineLook }>();
  readonly #measured = new Map<number, number>();
  #rows = 0;

  /** @param columns to wrap at; null for one row a line. */
  constructor(columns: number | null) {
    this.#columns = columns;
  }

  get columns(): number | null {
    return this.#columns;
  }

  /** Rows of a line, on the average of those measured. */
  get rows_a_line(): number {
    return this.#measured.size === 0 ? 1 : this.#rows / this.#measured.size;
  }

  of(n: number, line: HeldLine): LineLook {
    const known = this.#looks.get(n);
    if (known !== undefined && known.line.raw === line.raw && known.line.start === line.start) return known.look;
    const { spans } = parseLine(line.raw, line.start);
    const text = spans.length === 1 ? (spans[0]?.text ?? '') : spans.map((span) => span.text).join('');
    const look = { spans, text, offsets: this.#columns === null ? ONE_ROW : wrapOffsets(text, this.#columns) };
    if (this.#looks.size >= LOOKS_KEPT) this.#looks.clear();
    this.#looks.set(n, { line, look });
    if (this.#columns !== null) this.#measure(n, look.offsets.length);
    return look;
  }

  #measure(n: number, rows: number): void {
    if (this.#measured.size >= MEASURED_MOST) {
      this.#measured.clear();
      this.#rows = 0;
    }
    this.#rows += rows - (this.#measured.get(n) ?? 0);
    this.#measured.set(n, rows);
  }
}
