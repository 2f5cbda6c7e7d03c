/**
 * Where lines stand on the screen. There are two spaces: the log's own, in which a line stands a number of px from the top of the viewport and
 * those around it follow at their own heights; and the scroll bar's, which cannot be higher than browsers allow and cannot know how lines wrap that were never
 * loaded. A place is always one of the log's own (an anchor), so that what is looked at stays where it is whatever becomes known around it;
 * only the bar is a proportion. Everything here costs as much as some screens have rows, never as the log has lines.
 */

/** Below every browser's cap on the height of an element (Firefox: about 17.8 million). */
export const BAR_MAX_PX = 15_000_000;

export interface Lines {
  count: number;
  /** Screen rows of the line at `index`; null when every line has one. */
  rowsOf: ((index: number) => number) | null;
  /** As far as they have been measured; 1 without wrapping. */
  rows_a_line: number;
  row_px: number;
  viewport_px: number;
}

/** Row `part` of the line at `index` has its upper edge `y` px below that of the viewport. */
export interface Anchor {
  index: number;
  part: number;
  y: number;
}

export const TOP: Anchor = { index: 0, part: 0, y: 0 };

/** The screen row `rows` further down (up when negative), as far as there are any. @returns it, with its own y. */
export function walked(lines: Lines, from: Anchor, rows: number): Anchor {
  const { count, rowsOf, row_px } = lines;
  let { index, part } = from;
  let left = rows;
  if (rowsOf === null) {
    const to = Math.max(0, Math.min(count - 1, index + rows));
    left -= to - index;
    index = to;
  } else {
    while (left < 0 && (part > 0 || index > 0)) {
      if (part === 0) part = rowsOf(--index);
      const step = Math.min(part, -left);
      part -= step;
      left += step;
    }
    while (left > 0) {
      const below = rowsOf(index) - 1 - part;
      const step = Math.min(below, left);
      part += step;
      left -= step;
      if (left === 0 || index >= count - 1) break;
      index++;
      part = 0;
      left--;
    }
  }
  return { index, part, y: from.y + (rows - left) * row_px };
}

/** The same place, told by the row at the upper edge of the viewport. */
export function topOf(lines: Lines, anchor: Anchor): Anchor {
  return walked(lines, anchor, Math.floor(-anchor.y / lines.row_px));
}

/** The place that shows the end. */
export function bottom(lines: Lines): Anchor {
  const { count, rowsOf, row_px, viewport_px } = lines;
  if (count === 0) return TOP;
  const last = { index: count - 1, part: (rowsOf?.(count - 1) ?? 1) - 1, y: viewport_px - row_px };
  const top = topOf(lines, last);
  return top.y > 0 ? TOP : top;
}

/** The same place, or the nearest that shows no emptiness above the first line or below the last; told by the same row, as long as that is in view. */
export function within(lines: Lines, anchor: Anchor): Anchor {
  if (lines.count === 0) return TOP;
  const index = Math.min(anchor.index, lines.count - 1);
  const parts = lines.rowsOf?.(index) ?? 1;
  const part = anchor.index < lines.count ? Math.min(anchor.part, parts - 1) : 0;
  const inside = { index, part, y: anchor.y };
  const top = topOf(lines, inside);
  if (top.y > 0) return toldBy(lines, TOP, inside);
  const end = bottom(lines);
  const below = top.index - end.index || top.part - end.part || end.y - top.y;
  return below > 0 ? toldBy(lines, end, inside) : inside;
}

/** @param top told by the row at the upper edge. */
function toldBy(lines: Lines, top: Anchor, { index, part }: Anchor): Anchor {
  const screen = Math.ceil(lines.viewport_px / lines.row_px);
  for (let rows = 0, row = top; rows <= screen; rows++) {
    if (row.index === index && row.part === part) return row;
    if (row.index > index) break;
    row = walked(lines, row, 1);
  }
  return top;
}

/** How far down a place is, in lines with a fraction. */
function depth(lines: Lines, anchor: Anchor): number {
  const top = topOf(lines, anchor);
  const parts = lines.rowsOf?.(top.index) ?? 1;
  return top.index + (top.part - top.y / lines.row_px) / parts;
}

/** A log with no more lines than fit so many screens is as high as what is drawn of it: by an average its last rows would lie outside, or nothing would scroll to them. */
const SUMMED_SCREENS = 4;

/** Height of the scrolled element. */
export function barHeight(lines: Lines): number {
  const { count, rowsOf, rows_a_line, row_px, viewport_px } = lines;
  if (rowsOf === null || count * row_px > SUMMED_SCREENS * viewport_px)
    return Math.min(BAR_MAX_PX, Math.ceil(count * rows_a_line) * row_px);
  let rows = 0;
  for (let index = 0; index < count; index++) rows += rowsOf(index);
  return Math.min(BAR_MAX_PX, rows * row_px);
}

/** Whether a px of the bar is a px of the log. */
export function isExact(lines: Lines): boolean {
  return lines.rowsOf === null && lines.count * lines.row_px <= BAR_MAX_PX;
}

/** Px of the log above the viewport; Infinity when it is more than a screen. */
function above(lines: Lines, anchor: Anchor): number {
  const row = walked(lines, topOf(lines, anchor), -Math.ceil(lines.viewport_px / lines.row_px));
  return row.index === 0 && row.part === 0 && -row.y <= lines.viewport_px ? Math.max(0, -row.y) : Infinity;
}

/** Px of the log below the viewport; Infinity when it is more than a screen. */
function below(lines: Lines, anchor: Anchor): number {
  const { count, rowsOf, row_px, viewport_px } = lines;
  const row = walked(lines, topOf(lines, anchor), Math.ceil((2 * viewport_px) / row_px) + 1);
  const last = row.index === count - 1 && row.part === (rowsOf?.(row.index) ?? 1) - 1;
  const px = row.y + row_px - viewport_px;
  return last && px <= viewport_px ? Math.max(0, px) : Infinity;
}

/**
 * Where the bar stands for a place: in proportion, but within a screen of either end to the px, so that the bar never reaches an end before the log does, nor
 * after. @param max its lowest position.
 */
export function barOf(lines: Lines, anchor: Anchor, max: number): number {
  if (isExact(lines)) return Math.min(max, Math.max(0, anchor.index * lines.row_px - anchor.y));
  // Whole px: text between them is blurred.
  return Math.round(roughBarOf(lines, anchor, max));
}

function roughBarOf(lines: Lines, anchor: Anchor, max: number): number {
  const up = above(lines, anchor);
  const down = below(lines, anchor);
  if (up !== Infinity && down !== Infinity) return up === 0 ? 0 : (up / (up + down)) * max;
  const screen = Math.min(lines.viewport_px, max / 2);
  if (up !== Infinity) return Math.min(up, screen);
  if (down !== Infinity) return max - Math.min(down, screen);
  const end = depth(lines, bottom(lines));
  return Math.min(max - screen, Math.max(screen, (depth(lines, anchor) / end) * max));
}

/** The place the bar stands for. */
export function placeOf(lines: Lines, bar: number, max: number): Anchor {
  const { row_px } = lines;
  if (isExact(lines)) {
    const index = Math.min(Math.max(0, lines.count - 1), Math.floor(bar / row_px));
    return { index, part: 0, y: index * row_px - bar };
  }
  const at = max <= 0 ? 0 : (bar / max) * depth(lines, bottom(lines));
  const index = Math.min(Math.floor(at), lines.count - 1);
  const row = (at - index) * (lines.rowsOf?.(index) ?? 1);
  return { index, part: Math.floor(row), y: Math.round((Math.floor(row) - row) * row_px) };
}
