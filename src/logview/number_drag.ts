/** Dragging over the numbers of lines: from the one pressed to the one under the pointer, and on beyond the screen, faster the further away the pointer is. */
import { lineAt } from './text_places.ts';

export interface NumberDragDeps {
  /** @param extend up to line `n`, from where it began. */
  choose: (n: number, extend: boolean) => void;
  /** Moves the lines. */
  scroll: (lines: number) => void;
  /** Calls with the next frame. @returns its undo. */
  frame: (run: () => void) => () => void;
}

/** Beyond the edge, for each line a frame. */
const LINE_FOR_PX = 24;
const LINES_A_FRAME_MOST = 40;

/** @returns its undo. */
export function numberDrag(viewport: HTMLElement, { choose, scroll, frame }: NumberDragDeps): () => void {
  let pointer: { id: number; y: number } | null = null;
  let stopFrame: (() => void) | null = null;

  const reach = (): void => {
    const { top, bottom } = viewport.getBoundingClientRect();
    const n = pointer === null ? null : lineAt(viewport, Math.min(bottom - 1, Math.max(top + 1, pointer.y)));
    if (n !== null) choose(n, true);
  };
  const goOn = (): void => {
    stopFrame = null;
    if (pointer === null) return;
    const lines = linesBeyond(viewport.getBoundingClientRect(), pointer.y);
    if (lines === 0) return;
    scroll(lines);
    reach();
    stopFrame = frame(goOn);
  };
  const onpointerdown = (event: PointerEvent): void => {
    const number = event.target instanceof Element ? event.target.closest('.gutter a') : null;
    // A finger scrolls; a press of it is a click. With Ctrl or ⌘ a link opens elsewhere.
    if (number === null || event.pointerType === 'touch' || event.button !== 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const n = lineAt(viewport, event.clientY);
    if (n === null) return;
    viewport.focus({ preventScroll: true });
    pointer = { id: event.pointerId, y: event.clientY };
    choose(n, event.shiftKey);
  };
  const onpointermove = (event: PointerEvent): void => {
    if (pointer?.id !== event.pointerId) return;
    // Not when pressed: a captured click would not be the number's.
    if (event.clientY !== pointer.y) viewport.setPointerCapture(event.pointerId);
    pointer.y = event.clientY;
    reach();
    stopFrame ??= frame(goOn);
  };
  const end = (event: PointerEvent): void => {
    if (pointer?.id !== event.pointerId) return;
    pointer = null;
    stopFrame?.();
    stopFrame = null;
  };
  viewport.addEventListener('pointerdown', onpointerdown);
  viewport.addEventListener('pointermove', onpointermove);
  viewport.addEventListener('pointerup', end);
  viewport.addEventListener('pointercancel', end);
  return () => {
    stopFrame?.();
    viewport.removeEventListener('pointerdown', onpointerdown);
    viewport.removeEventListener('pointermove', onpointermove);
    viewport.removeEventListener('pointerup', end);
    viewport.removeEventListener('pointercancel', end);
  };
}

/** Lines to move by in one frame; negative upwards. */
export function linesBeyond({ top, bottom }: { top: number; bottom: number }, y: number): number {
  const beyond = y < top ? y - top : y > bottom ? y - bottom : 0;
  return Math.sign(beyond) * Math.min(LINES_A_FRAME_MOST, Math.ceil(Math.abs(beyond) / LINE_FOR_PX));
}
