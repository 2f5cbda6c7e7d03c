/** How many panes stand beside each other. Each row fills the whole width, so that no place stays empty. */

export interface Tiling {
  /** Columns of the grid; a pane takes `spans[i]` of them. */
  columns: number;
  spans: readonly number[];
  rows: number;
}

/** A log narrower than this is all wraps or all scrolling. */
export const PANE_WIDTH_LEAST_PX = 340;
/** More beside each other than this leaves no line whole on a common screen. */
const TILES_BESIDE_MOST = 3;

/** @param count of panes. @param width_px of the place they stand in. */
export function tiling(count: number, width_px: number, layout: 'tiles' | 'columns' | 'rows'): Tiling {
  const fit = Math.max(1, Math.floor(width_px / PANE_WIDTH_LEAST_PX));
  const beside = Math.max(1, Math.min(count, fit, wanted(count, layout)));
  const rows = Math.ceil(count / beside);
  // As even as can be, the fuller rows first: 3, 2, 2 and not 3, 3, 1.
  const in_row = Array.from({ length: rows }, (_, row) => Math.floor(count / rows) + (row < count % rows ? 1 : 0));
  const columns = in_row.reduce(leastCommonMultiple, 1);
  return { columns, rows, spans: in_row.flatMap((panes) => Array.from({ length: panes }, () => columns / panes)) };
}

function wanted(count: number, layout: 'tiles' | 'columns' | 'rows'): number {
  switch (layout) {
    case 'tiles':
      // Four stand two by two.
      return count === 4 ? 2 : TILES_BESIDE_MOST;
    case 'columns':
      return count;
    case 'rows':
      return 1;
    default:
      return layout satisfies never;
  }
}

function leastCommonMultiple(a: number, b: number): number {
  return (a * b) / greatestCommonDivisor(a, b);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
