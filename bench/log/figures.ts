/** Figures of several rounds, and the table they stand in. */
import { median } from '../../tests/faults/kit/median.ts';

/** The value that a share of them, 0 to 1, is at or below; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The median of one figure over rounds, as whole milliseconds or what else it is in. */
export function middle<T>(rounds: readonly T[], of: (round: T) => number, digits = 0): string {
  const value = median(rounds.map(of));
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}

/** @param rows each as long as `heads`; the first column is words. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   ');
  return all.map(line).join('\n');
}
