import type { Attachment } from 'svelte/attachments';
import type { TimeCell } from '../shared/words/line_time.ts';
import type { Fold } from './fold.ts';
import type { LogBook } from './log_book.ts';
import type { LogNote } from './log_note.ts';
import type { RowSource } from './row_source.ts';
import type { MarksOf } from './screen_rows.ts';

/** What a log is shown with. */
export interface LogViewProps {
  book: LogBook;
  /** Changes with the lines of the book. */
  version: number;
  /** Its name for a screen reader. */
  label: string;
  wrap: boolean;
  /** Control characters are shown. */
  controls: boolean;
  /** What stands where there is no row yet. */
  empty: string;
  /** The lines shown, in order; all of them when left out. */
  rows?: RowSource | undefined;
  /** They are lines looked for: others that came are not told of. */
  filtered?: boolean;
  notes?: readonly LogNote[];
  /** Address of a line. */
  href: (n: number) => string;
  /** Address of the bytes of a line that is cut on the screen. */
  whole: (n: number) => string;
  /** Classes of a line: `chosen`, `error`. */
  classOf?: (n: number) => string;
  marksOf?: MarksOf | null;
  time?: ((n: number, at: number | null) => TimeCell) | undefined;
  /** Columns of a time. */
  time_columns?: number;
  /** The section that begins at a line. */
  foldOf?: (n: number) => Fold | null;
  /** What selects in it. */
  selecting?: Attachment<HTMLElement>;
  /** The rows in the page have changed. */
  ondrawn?: () => void;
  onfold?: (n: number) => void;
  /** A line's number was pressed. @param extend with Shift: a range up to it is meant. */
  onnumber?: ((n: number, extend: boolean) => void) | undefined;
  onfollow?: (following: boolean) => void;
}
