/** Numbers for a person to read. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** A line of cells, right-aligned under their heads. */
export function line(heads: readonly string[], cells: readonly string[]): string {
  return heads.map((head, index) => (cells[index] ?? '').padStart(head.length)).join('   ');
}

export const whole = (value: number): string => value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
