/** What a window looks into, and what it shows of it. */
import type { RowSource } from './row_source.ts';
import type { BookView, MarksOf } from './screen_rows.ts';

export interface WindowBook extends BookView {
  /** Lines the log is said to have, those that have yet to come to the page included. */
  readonly told: number;
  /** No more lines will come. */
  readonly closed: boolean;
}

/** What the window looks into, read anew whenever it changes. */
export interface WindowSource {
  book: WindowBook;
  /** Changes with the lines of the book. */
  version: number;
  rows: RowSource;
  /** Rows below the last line that are no lines. */
  notes: number;
  wrap: boolean;
  /** Control characters are shown. */
  controls: boolean;
  marksOf: MarksOf | null;
}

export interface LineRange {
  /** 0 when there is no line. */
  first: number;
  last: number;
}
