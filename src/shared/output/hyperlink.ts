/** OSC 8: where the text after it leads, until the next one. */
import { BACKSLASH, BEL, ESC } from './sequence.ts';
import { safeHref } from './safe_href.ts';

const OPENING = ']8;';

export interface Hyperlink {
  /** Null for nowhere. */
  href: string | null;
  /** It was to lead somewhere it must not. */
  refused: boolean;
}

/** Whether the sequence that begins with the ESC at `at` is about links. */
export function isHyperlink(raw: string, at: number): boolean {
  return raw.startsWith(OPENING, at + 1);
}

/** @param at of the ESC. @param end after the sequence. */
export function hyperlink(raw: string, at: number, end: number): Hyperlink {
  const to = terminatorAt(raw, at, end);
  const uri = raw.indexOf(';', at + 1 + OPENING.length) + 1;
  if (to === null || uri === 0 || uri > to) return { href: null, refused: true };
  const href = uri === to ? null : safeHref(raw.slice(uri, to));
  return { href, refused: href === null && uri < to };
}

/** Null for a string that is cut off. */
function terminatorAt(raw: string, at: number, end: number): number | null {
  if (raw.charCodeAt(end - 1) === BEL) return end - 1;
  return raw.charCodeAt(end - 1) === BACKSLASH && raw.charCodeAt(end - 2) === ESC && end - 2 > at ? end - 2 : null;
}
