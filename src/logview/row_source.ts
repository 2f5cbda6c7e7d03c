/** Which lines of a log stand one below the other. All of them; or, where something is folded or filtered away, those that are left. */
export interface RowSource {
  /** Lines shown. */
  readonly count: number;
  /** Number of the line at `index`, from 0. */
  row(index: number): number;
  /** Index of line `n`, or of the next one shown after it; `count` when there is none. */
  indexOf(n: number): number;
}

/** Every line. */
export class AllRows implements RowSource {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }
  row(index: number): number {
    return index + 1;
  }
  indexOf(n: number): number {
    return Math.min(n - 1, this.count);
  }
}
