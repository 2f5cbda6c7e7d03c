/** Between places in a log and places in the page: which line and column a point of the rows on the screen is, and the other way round. */
import { compared, type Place } from './log_selection.ts';

/** A point between nodes, as ranges have it. */
export interface Boundary {
  node: Node;
  offset: number;
}

/** Rows with text that are in the page, from the first to the last. */
export function textRows(viewport: Element): HTMLElement[] {
  return [...viewport.querySelectorAll<HTMLElement>('[data-column]')];
}

/** The first place of a row. */
export function rowStart(row: HTMLElement): Place {
  return { line: Number(row.dataset['line']), column: Number(row.dataset['column']) };
}

function textOf(row: Element): Element {
  return row.querySelector('.text') ?? row;
}

/** What stands in a row and is not of the log's text: words beside it, and pictures of control characters. */
const NOT_OF_TEXT = '.aside, .control';

/** Characters that are of the log's text. */
function lengthOf(of: ParentNode & Node): number {
  const not = [...of.querySelectorAll(NOT_OF_TEXT)].reduce((sum, aside) => sum + aside.textContent.length, 0);
  return (of.textContent?.length ?? 0) - not;
}

export function rowEnd(row: HTMLElement): Place {
  const { line, column } = rowStart(row);
  return { line, column: column + lengthOf(textOf(row)) };
}

/** The place of a boundary; null when it is not in a row of this log. */
export function placeOf(viewport: Element, { node, offset }: Boundary): Place | null {
  if (!viewport.contains(node)) return null;
  const element = node instanceof Element ? node : node.parentElement;
  const row = element?.closest<HTMLElement>('[data-column]') ?? null;
  return row === null ? betweenRows(viewport, node, offset) : inRow(row, node, offset);
}

function inRow(row: HTMLElement, node: Node, offset: number): Place {
  const { line, column } = rowStart(row);
  const text = textOf(row);
  const range = document.createRange();
  range.selectNodeContents(text);
  const side = range.comparePoint(node, offset);
  if (side < 0) return { line, column };
  if (side > 0) return rowEnd(row);
  range.setEnd(node, offset);
  return { line, column: column + lengthOf(range.cloneContents()) };
}

/** The beginning of the first row after it, or the end of the last one. */
function betweenRows(viewport: Element, node: Node, offset: number): Place | null {
  const range = document.createRange();
  range.setStart(node, offset);
  const rows = textRows(viewport);
  const next = rows.find((row) => range.comparePoint(row, 0) > 0);
  const last = rows.at(-1);
  if (next !== undefined) return rowStart(next);
  return last === undefined ? null : rowEnd(last);
}

/** Where a place is in a row that has it. */
function boundaryIn(row: HTMLElement, { column }: Place): Boundary {
  const text = textOf(row);
  let left = Math.min(column - rowStart(row).column, lengthOf(text));
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(NOT_OF_TEXT) === null ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT,
  );
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (left <= length) return { node, offset: left };
    left -= length;
  }
  return { node: text, offset: 0 };
}

/** Where a place is in the page; when its row is not there, the nearest there is. */
export function boundaryOf(rows: readonly HTMLElement[], place: Place): Boundary | null {
  const row = rows.findLast((candidate) => compared(rowStart(candidate), place) <= 0) ?? rows[0];
  if (row === undefined) return null;
  const start = rowStart(row);
  return boundaryIn(row, compared(place, start) < 0 || place.line !== start.line ? nearest(row, place) : place);
}

function nearest(row: HTMLElement, place: Place): Place {
  return compared(place, rowStart(row)) < 0 ? rowStart(row) : rowEnd(row);
}

/** The line whose row is at a height of the page, or the nearest to it. */
export function lineAt(viewport: Element, clientY: number): number | null {
  let near: number | null = null;
  for (const row of viewport.querySelectorAll<HTMLElement>('[data-line]')) {
    if (near !== null && row.getBoundingClientRect().top > clientY) break;
    near = Number(row.dataset['line']);
  }
  return near;
}
