/**
 * Finds the lines that match among whole lines of a log. What is fast is tried first and misses nothing: a needle is looked for in the bytes as they
 * were written, patterns in many lines of what is shown at once; and only lines that may match are looked at one by one.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { plainLine } from '../../../src/shared/output/standing.ts';
import { decodeLossy } from '../utf8_cut.ts';
import { feedsIn, linesWith, PART_BYTES, shownOf } from './byte_kernel.ts';
import type { Matcher } from './matcher.ts';
import type { Needle } from './needle.ts';

const LINE_FEED = 10;

export interface Scan {
  /** Called for every matching line, in order, with the number of line feeds before it. */
  found: (feeds_before: number) => void;
  /** Called between any two steps that the query could make long. */
  beat: () => void;
}

/** @param raw whole lines, at most `PART_BYTES`, or a single line. @returns line feeds in it. */
export function scanLines(raw: Buffer, matcher: Matcher, scan: Scan): number {
  const fits = raw.length <= PART_BYTES;
  if (fits && matcher.needle !== null) return scanBytes(raw, matcher.needle, matcher, scan);
  // Of bytes that are no UTF-8 only the decoder knows what is shown.
  const shown = fits && isUtf8(raw) ? shownOf(raw) : null;
  const text =
    shown === null ? textOf(raw).split('\n').map(plainLine).join('\n') : matcher.any_bytes ? shown.toString('latin1') : textOf(shown);
  // What was taken byte for byte is looked at as what it is.
  const lineOf = (from: number, to: number): string =>
    shown !== null && matcher.any_bytes ? textOf(shown.subarray(from, to)) : text.slice(from, to);
  // A line without its line feed is one even when nothing of it is shown.
  scanText({ text, lineOf, openEnd: raw.at(-1) !== LINE_FEED }, matcher, scan);
  return feedsIn(raw);
}

/** As `decodeLossy`, which takes ten times as long. */
function textOf(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString() : decodeLossy(bytes);
}

function scanBytes(raw: Buffer, needle: Needle, { line, sure, word }: Matcher, { found, beat }: Scan): number {
  const length = needle[0]?.length ?? 0;
  const isSure = (at: number, behind_sequence: boolean): boolean =>
    sure || (word && !behind_sequence && isOfNoWord(raw[at - 1]) && isOfNoWord(raw[at + length]));
  return linesWith(raw, needle, (feeds, at, isThere, behind_sequence) => {
    if (!isThere || !isSure(at, behind_sequence)) {
      beat();
      const from = at === 0 ? 0 : raw.lastIndexOf(LINE_FEED, at - 1) + 1;
      const feed = raw.indexOf(LINE_FEED, at);
      if (!line.test(plainLine(textOf(raw.subarray(from, feed < 0 ? raw.length : feed))))) return;
    }
    found(feeds);
  });
}

/** Certainly: other bytes may be a part of a character that is of a word, or not be shown. */
function isOfNoWord(byte: number | undefined): boolean {
  if (byte === undefined || byte === LINE_FEED || byte === 9) return true;
  return byte >= 0x20 && byte < 0x7f && !/\w/.test(String.fromCharCode(byte));
}

interface Lines {
  text: string;
  lineOf: (from: number, to: number) => string;
  openEnd: boolean;
}

function scanText({ text, lineOf, openEnd }: Lines, { line, many, sure }: Matcher, { found, beat }: Scan): void {
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
    if ((sure && many !== null) || line.test(lineOf(start, end))) found(feeds);
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
