/** Screen rows of a log: one per line, or as many as the line wraps to. Kept up as lines are appended, measured anew when anything else changed. */
import { plainText } from './ansi.ts';
import { wrapCount } from './display_width.ts';
import type { LogRow } from './log_document.ts';

/** What is measured. */
export interface Lines {
  readonly rows: number;
  readonly changes: number;
  row(index: number): LogRow;
}

export class RowIndex {
  /** `starts[line]` is its first screen row; one more entry than lines. Unused without wrapping. */
  #starts: number[] = [0];
  #columns: number | null = null;
  #changes = -1;
  #lines = 0;

  /** Screen rows. */
  get rows(): number {
    return this.#columns === null ? this.#lines : (this.#starts.at(-1) ?? 0);
  }

  /** @param columns to wrap at; null for one row a line. */
  sync(lines: Lines, columns: number | null): void {
    if (columns !== this.#columns || lines.changes !== this.#changes || lines.rows < this.#lines) this.#starts = [0];
    this.#columns = columns;
    this.#changes = lines.changes;
    this.#lines = lines.rows;
    if (columns === null) return;
    // The line last measured may have grown since.
    this.#starts.length = Math.max(1, this.#starts.length - 1);
    for (let line = this.#starts.length - 1; line < lines.rows; line++) {
      const row = lines.row(line);
      const count = row.type === 'gap' ? 1 : wrapCount(plainText(row.raw), columns);
      this.#starts.push((this.#starts[line] ?? 0) + count);
    }
  }

  /** First screen row of a line. */
  rowOf(line: number): number {
    return this.#columns === null ? line : (this.#starts[line] ?? this.rows);
  }

  /** The line shown in a screen row, and which of its rows it is. */
  at(row: number): { line: number; part: number } {
    if (this.#columns === null) return { line: row, part: 0 };
    let low = 0;
    let high = this.#lines - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return { line: low, part: row - (this.#starts[low] ?? 0) };
  }
}
