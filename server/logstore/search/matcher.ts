/** A query made ready for a search: what decides for one line, and what passes over many at once without missing any. */
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import { escaped, foldFlags, needsUnicode, queryPattern } from '../../../src/shared/output/query_pattern.ts';
import type { Needle } from './byte_kernel.ts';
import { NEEDLE_MOST_BYTES } from './byte_kernel.ts';
import { regexSource } from './regex_source.ts';

export interface Matcher {
  /** Tests the plain text of one line; it decides. */
  line: RegExp;
  /** Bytes that every matching line holds in its plain text, none of them of a control character; null when none are known. */
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

/** Bytes that were no UTF-8 are shown as this, so it stands for no bytes in particular. */
const REPLACEMENT = '\ufffd';
const CASE_BIT = 0x20;
/** Nothing that is shown holds one. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

/** @param by_line tests lines one by one. @throws SyntaxError. */
export function matcher(query: LogQuery, by_line: boolean): Matcher {
  const { q, mode } = query;
  const ignore = query.case === 'ignore';
  const line = queryPattern(query);
  // No line holds a line feed.
  if (mode !== 'regex' && q.includes('\n')) return { line, needle: null, many: /(?!)/g, any_bytes: true, sure: true, word: false };
  if (mode === 'regex') return regexMatcher(query, line, ignore, by_line);
  const many = new RegExp(escaped(q), `g${ignore ? foldFlags(q) : ''}`);
  return { line, needle: needleOf(q, ignore), many, any_bytes: false, sure: mode === 'text', word: mode === 'word' };
}

function regexMatcher({ q }: LogQuery, line: RegExp, ignore: boolean, by_line: boolean): Matcher {
  if (needsUnicode(q)) return { line, needle: null, many: null, any_bytes: false, sure: false, word: false };
  const { within, anyCase, literal, any_bytes } = regexSource(q, ignore);
  const flags = ignore && anyCase === null ? 'i' : '';
  return {
    line: anyCase === null ? line : new RegExp(anyCase),
    needle: needleOf(literal, ignore),
    many: within === null || by_line ? null : new RegExp(within, `gm${flags}`),
    any_bytes,
    sure: false,
    word: false,
  };
}

function needleOf(text: string, ignore: boolean): Needle | null {
  if (text === '' || text.includes(REPLACEMENT) || !text.isWellFormed() || CONTROL.test(text)) return null;
  // Beyond ASCII the cases differ in more than a bit.
  if (ignore && text.toLowerCase() !== text.toUpperCase() && /[\u0080-\uffff]/.test(text)) return null;
  const bytes = Buffer.from(ignore ? text.toLowerCase() : text);
  const fold = bytes.map((byte) => (ignore && byte >= 0x61 && byte <= 0x7a ? CASE_BIT : 0));
  return bytes.length > NEEDLE_MOST_BYTES ? null : { bytes, fold };
}
