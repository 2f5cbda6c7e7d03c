/** What can show a log: the common denominator of the things our pane is compared with. */
import type { Shown } from '../page_probe.ts';

export interface Viewer {
  shown: Shown;
  /** Shows the whole log; resolves when it has all of it. */
  open(log: Response): Promise<void>;
  /** Adds text at the end and goes there. */
  append(text: string): void;
  toLine(n: number): void;
  toEnd(): void;
}

/** Line feeds in a text. */
export function feedsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The number that a line of the writer begins with; 0 when it does not. */
export function numberOf(line: string): number {
  return Number(/^\[(\d{8})\]/.exec(line)?.[1] ?? 0);
}
