/** Between a window and the element that scrolls: the position of the bar is the browser's, the place in the log is the window's. */
import type { LogWindow } from './log_window.svelte.ts';
import { sideways } from './sideways.ts';

/** Characters in the ruler, so that the width of one is known to a fraction of a px. */
export const RULER_COLUMNS = 100;

export interface Scroller {
  measure: (ruler: HTMLElement) => void;
  /** @param inside of the element, without its bars; null when it is gone. */
  sized: (inside: DOMRectReadOnly | null) => void;
  /** Other lines may be wide. */
  forget: () => void;
  settle: () => void;
  onscroll: () => void;
  onscrollend: () => void;
  onwheel: (event: WheelEvent) => void;
  onpointerdown: (event: PointerEvent) => void;
  onpointerup: () => void;
  onkeydown: (event: KeyboardEvent) => void;
  /** The match in line `n` may be far to the right, or rows below where the line begins. @param column of the line's text. */
  showMatch: (n: number, column: number, wrap: boolean) => void;
}

/** @param element called once it is in the page. */
export function scroller(view: LogWindow, element: () => HTMLElement): Scroller {
  const max = (): number => element().scrollHeight - element().clientHeight;
  const put = (bar: number): void => {
    element().scrollTop = bar;
    view.placed(element().scrollTop);
  };
  const settle = (): void => {
    put(view.settle(max()));
    view.wide = element().scrollWidth > element().clientWidth;
  };
  const page = (pages: number): void => view.moveBy(pages * Math.max(view.row_px, view.viewport_px - 2 * view.row_px));
  const keys: Readonly<Record<string, () => void>> = {
    Home: () => view.top(),
    End: () => view.follow(),
    PageUp: () => page(-1),
    PageDown: () => page(1),
    ArrowUp: () => view.moveBy(-view.row_px),
    ArrowDown: () => view.moveBy(view.row_px),
  };
  return {
    measure: (ruler) => {
      const { width, height } = ruler.getBoundingClientRect();
      view.column_px = width / RULER_COLUMNS || view.column_px;
      view.row_px = height || view.row_px;
    },
    sized: (inside) => {
      if (inside === null) return;
      view.viewport_px = Math.round(inside.height);
      // It stays: without it the one row more that fits may be the wide one, which brings it back.
      view.barred ||= view.viewport_px < element().offsetHeight;
    },
    forget: () => {
      view.barred = false;
    },
    settle,
    onscroll: () => {
      const bar = view.scrolled(element().scrollTop, max());
      if (bar !== null) put(bar);
    },
    onscrollend: () => {
      view.rested();
      settle();
    },
    onwheel: (event) => {
      // Not zooming, not sideways, and not where there is nothing above.
      const upwards = event.deltaY < 0 && Math.abs(event.deltaY) > Math.abs(event.deltaX) && !event.ctrlKey && !event.shiftKey;
      if (upwards && element().scrollTop > 0) view.leave();
    },
    onpointerdown: (event) => {
      // On the bar, which is not part of the inside.
      view.dragging = event.target === element() && event.offsetX > element().clientWidth;
    },
    onpointerup: () => {
      view.dragging = false;
    },
    onkeydown: (event) => {
      const run = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey ? undefined : keys[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    },
    showMatch: (n, column, wrap) => {
      const mark = element().querySelector(`[data-line="${n}"] .found.now`)?.getBoundingClientRect();
      const { top, bottom, right } = element().getBoundingClientRect();
      if (wrap && column > 0 && (mark === undefined || mark.top < top || mark.bottom > bottom)) view.goTo(n, 'third', column);
      if (!wrap && mark !== undefined) element().scrollLeft += sideways(mark, { left: right - view.width_px, right });
    },
  };
}
