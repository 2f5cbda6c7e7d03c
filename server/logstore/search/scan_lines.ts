/**
 * Finds the lines that match among whole lines of a log. What is fast is tried first and misses nothing: the bytes are stripped of what is not
 * shown only where there is such a thing, a needle is looked for in the bytes, patterns in many lines of text at once; and only lines that may match
 * are looked at one by one.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { plainLine } from '../../../src/shared/output/standing.ts';
import { stripBytes } from '../../../src/shared/output/strip_bytes.ts';
import { decodeLossy } from '../utf8_cut.ts';
import { feedsIn, firstControl, linesWith, type Needle } from './byte_kernel.ts';
import type { Matcher } from './matcher.ts';

const LINE_FEED = 10;

export interface Scan {
  /** Called for every matching line, in order, with the number of line feeds before it. */
  found: (feeds_before: number) => void;
  /** Called between any two steps that the query could make long. */
  beat: () => void;
}

/** @param raw whole lines, at most `PART_BYTES`, or a single line. @returns line feeds in it. */
export function scanLines(raw: Buffer, matcher: Matcher, scan: Scan): number {
  const shown = shownBytes(raw);
  if (shown !== null && matcher.needle !== null) return scanBytes(shown, matcher.needle, matcher, scan);
  // A line without its line feed is one even when nothing of it is shown.
  scanText(shown === null ? plainText(raw) : textOf(shown), raw.at(-1) !== LINE_FEED, matcher, scan);
  return feedsIn(raw);
}

/** The bytes of what is shown, line for line; null when only the decoder knows what is shown, because they are no UTF-8. */
function shownBytes(raw: Buffer): Buffer | null {
  if (firstControl(raw) === raw.length) return raw;
  if (!isUtf8(raw)) return null;
  const { buffer, byteOffset, length } = stripBytes(raw);
  return Buffer.from(buffer, byteOffset, length);
}

function plainText(raw: Buffer): string {
  return decodeLossy(raw).split('\n').map(plainLine).join('\n');
}

function textOf(shown: Buffer): string {
  return isAscii(shown) ? shown.toString('latin1') : decodeLossy(shown);
}

function scanBytes(shown: Buffer, needle: Needle, { line, sure }: Matcher, { found, beat }: Scan): number {
  return linesWith(shown, needle, (feeds, at) => {
    if (!sure) {
      beat();
      const from = at === 0 ? 0 : shown.lastIndexOf(LINE_FEED, at - 1) + 1;
      const feed = shown.indexOf(LINE_FEED, at);
      if (!line.test(textOf(shown.subarray(from, feed < 0 ? shown.length : feed)))) return;
    }
    found(feeds);
  });
}

function scanText(text: string, openEnd: boolean, { line, many, sure }: Matcher, { found, beat }: Scan): void {
  const last = openEnd ? text.length : text.length - 1;
  let feeds = 0;
  let counted = 0;
  for (let at = 0; at <= last;) {
    beat();
    const start = many === null ? at : nextLine(text, at, many);
    if (start < 0 || start > last) return;
    for (; counted < start; feeds++) counted = text.indexOf('\n', counted) + 1;
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    if ((sure && many !== null) || line.test(text.slice(start, end))) found(feeds);
    at = end + 1;
  }
}

/** Where the next line begins that may match; -1 when there is none. */
function nextLine(text: string, at: number, many: RegExp): number {
  many.lastIndex = at;
  if (!many.test(text)) return -1;
  // An empty match, or one up to its line's end, ends before the line feed.
  const end = many.lastIndex;
  return end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
}
