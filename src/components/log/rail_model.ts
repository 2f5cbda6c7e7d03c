/** Where marks stand beside a log: at a share of its height, those that would stand on each other as one. */

export interface RailMark {
  /** Stays the same while the log grows and the mark moves. */
  key: string;
  kind: 'error' | 'found';
  /** From the top, 0 to 1. */
  at: number;
  /** Line it leads to; null for one that is only a place. */
  n: number | null;
}

/** Marks nearer to each other than this share are one. */
const APART = 1 / 400;

/** @param errors line numbers, ascending. @param lines of the log. @param buckets matching lines by place. */
export function railMarks(errors: readonly number[], lines: number, buckets: readonly number[]): RailMark[] {
  const marks: RailMark[] = [];
  let last = -1;
  for (const n of errors) {
    const at = lines <= 1 ? 0 : (n - 1) / (lines - 1);
    if (at - last < APART && last >= 0) continue;
    marks.push({ key: `error ${n}`, kind: 'error', at, n });
    last = at;
  }
  for (const [i, count] of buckets.entries())
    if (count > 0) marks.push({ key: `found ${i}`, kind: 'found', at: (i + 0.5) / buckets.length, n: null });
  return marks;
}
