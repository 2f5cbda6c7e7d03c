/** Numbers for a person to read. */

/** A line of cells, right-aligned under their heads. */
export function line(heads: readonly string[], cells: readonly string[]): string {
  return heads.map((head, index) => (cells[index] ?? '').padStart(head.length)).join('   ');
}

export const whole = (value: number): string => value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
