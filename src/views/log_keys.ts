/** The keys of a log. */
import { isTyping, type KeyAction } from '../a11y/keys.ts';
import type { LogExcerpt } from '../state/log_excerpt.svelte.ts';
import type { LogReader } from '../state/log_reader.svelte.ts';

export interface KeyedView {
  top(): void;
  end(): void;
  step(lines: number): void;
  toggleFollow(): void;
  visibleRange(): { first: number; last: number };
  goToLine(n: number): void;
}

export interface LogKeysDeps {
  /** Null while there is none. */
  view: () => KeyedView | null;
  reader: LogReader;
  excerpt: LogExcerpt;
  wrap: () => void;
  times: () => void;
  /** Folds the section around line `n`, or unfolds it; without a line all sections. */
  fold: (n: number | null) => void;
  /** Opens the find bar. */
  find: () => void;
  /** Asks where to go. */
  go: () => void;
  /** To the next error, or the one before. */
  error: (by: 1 | -1) => void;
}

export function logKeys({ view, reader, excerpt, wrap, times, fold, find, go, error }: LogKeysDeps): Record<string, KeyAction> {
  return {
    'g g': () => view()?.top(),
    G: () => view()?.end(),
    j: { run: () => view()?.step(1), repeat: true },
    k: { run: () => view()?.step(-1), repeat: true },
    f: () => view()?.toggleFollow(),
    w: wrap,
    t: times,
    y: () => void excerpt.copyLink(line(view())),
    z: () => fold(excerpt.focus ?? line(view())),
    Z: () => fold(null),
    '/': find,
    ':': go,
    n: () => reader.step(1),
    N: () => reader.step(-1),
    e: () => error(1),
    E: () => error(-1),
  };
}

function line(view: KeyedView | null): number {
  return Math.max(1, view?.visibleRange().first ?? 1);
}

/** Nothing on top of the page, and no field, has the keys. */
function isFree(document: Document, target: EventTarget | null): boolean {
  return !isTyping(target) && document.querySelector('dialog[open], :popover-open') === null;
}

export interface SelectionEvents {
  /** For Escape. @returns whether there was something to end here. */
  clear: () => boolean;
  /** What is selected, when it can be had at once: null when it cannot, or nothing is selected here. */
  textNow: () => string | null;
  /** It was copied. */
  copied: () => void;
  /** Something is selected here that must be loaded first: it is copied another way. */
  copyLater: () => void;
  /** The selection of the page is this log's. */
  isHere: () => boolean;
}

/** Escape ends what is selected, or what is said of a copy, before it leads back; copying copies it. @returns its undo. */
export function bindSelection(window: Window, { clear, textNow, copied, copyLater, isHere }: SelectionEvents): () => void {
  const { document } = window;
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && isFree(document, event.target) && clear()) event.preventDefault();
  };
  const onCopy = (event: ClipboardEvent): void => {
    if (!isFree(document, document.activeElement) || !isHere()) return;
    const text = textNow();
    event.preventDefault();
    if (text === null) return copyLater();
    event.clipboardData?.setData('text/plain', text);
    copied();
  };
  // Before the page's own keys.
  document.addEventListener('keydown', onKeydown, { capture: true });
  document.addEventListener('copy', onCopy);
  return () => {
    document.removeEventListener('keydown', onKeydown, { capture: true });
    document.removeEventListener('copy', onCopy);
  };
}

/** The browser's own find sees only the lines in view. Escape ends finding before it leads back. @param find returns whether it finds here. @param leave returns whether there was something to end. @returns its undo. */
export function bindFind(window: Window, find: () => boolean, leave: () => boolean): () => void {
  const { document } = window;
  const onKeydown = (event: KeyboardEvent): void => {
    if (document.querySelector('dialog[open], :popover-open') !== null) return;
    const finds = event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const ends = event.key === 'Escape' && !event.defaultPrevented;
    if ((finds && find()) || (ends && leave())) event.preventDefault();
  };
  // Before the page's own keys.
  document.addEventListener('keydown', onKeydown, { capture: true });
  return () => document.removeEventListener('keydown', onKeydown, { capture: true });
}
