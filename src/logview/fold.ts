/** A section of a log at its first line. */
export interface Fold {
  title: string;
  open: boolean;
  /** After the first. */
  lines: number;
}
