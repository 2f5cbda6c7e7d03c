/** Rows of a log in the page, as its pane draws them, at heights that a test says: there is no layout without a browser. */

export const ROW_PX = 18;
/** Of the upper edge of the viewport. */
export const TOP_PX = 100;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const box =
  (top: number, height: number): (() => DOMRect) =>
  () =>
    ({ top, bottom: top + height, height, left: 0, right: 800, width: 800 }) as DOMRect;

/** @param rows in view. */
export function viewportOf(rows: number): HTMLElement {
  const viewport = document.body.appendChild(document.createElement('div'));
  viewport.tabIndex = 0;
  viewport.getBoundingClientRect = box(TOP_PX, rows * ROW_PX);
  viewport.setPointerCapture = () => undefined;
  return viewport;
}

/** Draws these lines and no others. @param lines by number; `[…]` in a text is a picture of control characters. */
export function draw(viewport: HTMLElement, lines: readonly (readonly [n: number, text: string])[]): void {
  viewport.innerHTML = lines
    .map(([n, text]) => {
      const drawn = escaped(text).replace(/\[(.*?)\]/g, '<span class="control">$1</span>');
      return `<div class="row" data-line="${n}" data-column="0"><span class="gutter"><a>${n}</a></span><span class="text">${drawn}</span></div>`;
    })
    .join('');
  for (const [i, row] of [...viewport.querySelectorAll('.row')].entries()) row.getBoundingClientRect = box(TOP_PX + i * ROW_PX, ROW_PX);
}

/** @param y from the upper edge of the viewport. */
export function pointer(target: Element, type: string, y: number, more: PointerEventInit = {}): void {
  target.dispatchEvent(
    new PointerEvent(type, { bubbles: true, pointerId: 1, pointerType: 'mouse', button: 0, clientY: TOP_PX + y, ...more }),
  );
}
