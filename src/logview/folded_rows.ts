/**
 * The lines of a log that are left when some stretches of it are hidden. It costs as much as there are stretches, never as the log has lines: a log of ten million lines
 * with ten thousand folded sections is ten thousand numbers, and any of its rows is found in fourteen steps.
 */
import type { RowSource } from './row_source.ts';

/** Lines from `from` to `to`, inclusive; Infinity: to the end, wherever that will be. */
export interface LineStretch {
  from: number;
  to: number;
}

/** Hidden stretches, of any order and overlap. */
export class HiddenLines {
  /** In order, none touching another. */
  readonly #froms: number[] = [];
  readonly #tos: number[] = [];
  /** Lines shown before each; lines hidden up to the end of each. */
  readonly #shown: number[] = [];
  readonly #hidden: number[] = [];

  constructor(stretches: readonly LineStretch[]) {
    for (const { from, to } of stretches.filter((stretch) => stretch.from <= stretch.to).sort((a, b) => a.from - b.from)) {
      const last = this.#froms.length - 1;
      const end = this.#tos[last] ?? -1;
      if (last >= 0 && from <= end + 1) this.#tos[last] = Math.max(end, to);
      else {
        this.#froms.push(from);
        this.#tos.push(to);
      }
    }
    let hidden = 0;
    for (const [i, from] of this.#froms.entries()) {
      this.#shown.push(from - 1 - hidden);
      hidden += (this.#tos[i] ?? from) - from + 1;
      this.#hidden.push(hidden);
    }
  }

  get none(): boolean {
    return this.#froms.length === 0;
  }

  /** Lines before `n` that are shown. */
  shownBefore(n: number): number {
    const i = lastAtMost(this.#froms, n);
    if (i < 0) return n - 1;
    return n <= (this.#tos[i] ?? 0) ? (this.#shown[i] ?? 0) : n - 1 - (this.#hidden[i] ?? 0);
  }

  /** Number of the line at `index` of those shown, from 0. */
  lineAt(index: number): number {
    const i = lastAtMost(this.#shown, index);
    return index + 1 + (this.#hidden[i] ?? 0);
  }
}

export class FoldedRows implements RowSource {
  readonly count: number;
  readonly #hidden: HiddenLines;

  /** @param lines of the log. */
  constructor(lines: number, hidden: HiddenLines) {
    this.#hidden = hidden;
    this.count = hidden.shownBefore(lines + 1);
  }

  row(index: number): number {
    return this.#hidden.lineAt(index);
  }
  indexOf(n: number): number {
    return Math.min(this.#hidden.shownBefore(n), this.count);
  }
}

/** Index of the last of ascending numbers that is at most `value`; -1 when none is. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
