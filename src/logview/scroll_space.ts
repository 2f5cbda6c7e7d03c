/**
 * Between the scroll bar and the rows. Browsers cap the height of an element, so beyond `SCROLL_MAX_PX` the scroll space is compressed: the bar still goes
 * from the first row to the last, only each of its pixels stands for more.
 */

/** Below every browser's cap (Firefox: about 17.8 million). */
export const SCROLL_MAX_PX = 15_000_000;

export interface ScrollSpace {
  rows: number;
  row_px: number;
  viewport_px: number;
}

/** Height of the scrolled element. */
export function scrollHeight(space: ScrollSpace): number {
  return Math.min(space.rows * space.row_px, SCROLL_MAX_PX);
}

/** Px of the log per px of the bar. */
function ratio(space: ScrollSpace): number {
  const total = space.rows * space.row_px;
  if (total <= SCROLL_MAX_PX) return 1;
  return (total - space.viewport_px) / (SCROLL_MAX_PX - space.viewport_px);
}

/** Position in rows (with a fraction) of the top of the viewport. */
export function topRow(space: ScrollSpace, scroll_top: number): number {
  return (scroll_top * ratio(space)) / space.row_px;
}

/** The scroll position that brings this row (with a fraction) to the top. */
export function scrollTopOf(space: ScrollSpace, row: number): number {
  return (row * space.row_px) / ratio(space);
}

export interface VisibleRows {
  first: number;
  /** Exclusive. */
  end: number;
  /** Where the first of them stands in the scrolled element. */
  offset_px: number;
}

/** @param spare rows beyond either edge. */
export function visibleRows(space: ScrollSpace, scroll_top: number, spare: number): VisibleRows {
  const top = topRow(space, scroll_top);
  const first = Math.max(0, Math.floor(top) - spare);
  const end = Math.min(space.rows, Math.ceil(top + space.viewport_px / space.row_px) + spare);
  return { first: Math.min(first, end), end, offset_px: scroll_top - (top - first) * space.row_px };
}
