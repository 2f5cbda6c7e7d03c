/** One line as it can be shown. */
import type { Style } from '../shared/output/ansi.ts';
import { LINE_SENT_BYTES } from '../shared/protocol/log_bounds.ts';

export interface HeldLine {
  type: 'line';
  /** What is left standing of it, with escape sequences and without its end. */
  raw: string;
  /** The style before `raw`. */
  start: Style;
  /** Bytes of the whole line in the file when `raw` is only a part of it, else null. */
  cut: number | null;
  /** Byte offset of the line in the file; null when not known here. */
  offset: number | null;
  /** When it was stored, ms since the epoch; null when not known. */
  at: number | null;
}

/** A line, or why there is none. */
export type BookLine = HeldLine | { type: 'waiting' } | { type: 'failed'; reason: string };

/** A UTF-16 unit is at most 3 bytes of UTF-8. */
const UNIT_BYTES_MOST = 3;
const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** More than the server sends of one line. */
export function isTooLong(text: string): boolean {
  if (text.length * UNIT_BYTES_MOST <= LINE_SENT_BYTES) return false;
  return text.length > LINE_SENT_BYTES || utf8Length(text) > LINE_SENT_BYTES;
}
