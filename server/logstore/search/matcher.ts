/** A query made ready for a search: what decides for one line, and what passes over many at once without missing any. */
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import { escaped, foldFlags, needsUnicode, queryPattern } from '../../../src/shared/output/query_pattern.ts';
import { withBothCases, hasCases, isShown } from './byte_sets.ts';
import { PLACES_MOST } from './kernel_memory.ts';
import type { Needle } from './needle.ts';
import { patternNeedle } from './pattern_needle.ts';
import { regexSource } from './regex_source.ts';

export interface Matcher {
  /** Tests the plain text of one line; it decides. */
  line: RegExp;
  /** What every matching line holds in its plain text; null when nothing is known. */
  needle: Needle | null;
  /** Finds every matching line among lines of plain text (flags g and m), and perhaps others; null when lines have to be tested one by one. */
  many: RegExp | null;
  /** `many` finds them also where each byte of the text is taken for a character. */
  any_bytes: boolean;
  /** A line in which `needle` or `many` is found matches. */
  sure: boolean;
  /** So does one in which `needle` stands between characters that are of no word. */
  word: boolean;
}

/** @param by_line tests lines one by one. @throws SyntaxError. */
export function matcher(query: LogQuery, by_line: boolean): Matcher {
  const { q, mode } = query;
  const ignore = query.case === 'ignore';
  const line = queryPattern(query);
  // No line holds a line feed.
  if (mode !== 'regex' && q.includes('\n')) return { line, needle: null, many: /(?!)/g, any_bytes: true, sure: true, word: false };
  if (mode === 'regex') return regexMatcher(query, line, ignore, by_line);
  const many = new RegExp(escaped(q), `g${ignore ? foldFlags(q) : ''}`);
  const needle = needleOf(q, ignore);
  // Without one its characters have no bytes that are surely theirs, and each line is looked at.
  const whole = needle?.[0]?.length === Buffer.byteLength(q);
  return { line, needle, many, any_bytes: false, sure: whole && mode === 'text', word: whole && mode === 'word' };
}

function regexMatcher({ q }: LogQuery, line: RegExp, ignore: boolean, by_line: boolean): Matcher {
  if (needsUnicode(q)) return { line, needle: null, many: null, any_bytes: false, sure: false, word: false };
  const { within, anyCase, any_bytes } = regexSource(q, ignore);
  const flags = ignore && anyCase === null ? 'i' : '';
  const found = patternNeedle(q, ignore);
  return {
    line: anyCase === null ? line : new RegExp(anyCase),
    needle: found?.needle ?? null,
    many: within === null || by_line ? null : new RegExp(within, `gm${flags}`),
    any_bytes,
    sure: found?.sure ?? false,
    word: false,
  };
}

/** Of a long text, its beginning. */
function needleOf(text: string, ignore: boolean): Needle | null {
  if (text === '' || !isShown(text) || (ignore && hasCases(text))) return null;
  const bytes = Buffer.from(text);
  let length = Math.min(bytes.length, PLACES_MOST);
  // No half characters.
  while (((bytes[length] ?? 0) & 0xc0) === 0x80) length--;
  return [[...bytes.subarray(0, length)].map((byte) => (ignore ? withBothCases([byte]) : [byte]))];
}
