/** Selecting with the keyboard alone: Shift and what moves by lines, pages or to an end; Ctrl or ⌘ and A. */
import { allOf, type Selection } from './log_selection.ts';
import type { RowSource } from './row_source.ts';

export interface SelectKeysDeps {
  rows(): RowSource;
  visibleRange(): { first: number; last: number };
  /** The line the selection was extended to last; null when no lines are selected. */
  focus(): number | null;
  choose(n: number, extend: boolean): void;
  select(selection: Selection): void;
  reveal(n: number): void;
  /** Of the whole log. */
  lines(): number;
}

/** The line a key extends the selection to; null when the key means nothing here. */
export function extendedTo(
  key: string,
  { rows, visibleRange, focus }: Pick<SelectKeysDeps, 'rows' | 'visibleRange' | 'focus'>,
): number | null {
  const source = rows();
  const { first, last } = visibleRange();
  const from = focus();
  const page = Math.max(1, source.indexOf(last) - source.indexOf(first) - 1);
  const by: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: -Infinity,
    End: Infinity,
  };
  const step = by[key];
  if (step === undefined || source.count === 0) return null;
  // The first press selects the first line in view.
  if (from === null && Math.abs(step) === 1) return first;
  return source.row(Math.max(0, Math.min(source.count - 1, source.indexOf(from ?? first) + step)));
}

/** @returns its undo. */
export function selectKeys(viewport: HTMLElement, deps: SelectKeysDeps): () => void {
  const onkeydown = (event: KeyboardEvent): void => {
    const { key, shiftKey, altKey } = event;
    const command = event.ctrlKey || event.metaKey;
    if (altKey || event.target !== viewport) return;
    if (command && !shiftKey && key.toLowerCase() === 'a') {
      if (deps.lines() > 0) deps.select(allOf(deps.lines()));
    } else if (shiftKey && !command) {
      const n = extendedTo(key, deps);
      if (n === null) return;
      if (deps.focus() === null && n !== deps.visibleRange().first) deps.choose(deps.visibleRange().first, false);
      deps.choose(n, true);
      deps.reveal(n);
    } else return;
    event.preventDefault();
  };
  viewport.addEventListener('keydown', onkeydown);
  return () => viewport.removeEventListener('keydown', onkeydown);
}
