/**
 * What a query finds in a line: a pattern for the plain text of one line (`plainLine`). The same on both sides, so that what the page highlights is
 * what the server counted.
 *
 * Case is ignored as far as ASCII goes while the query is ASCII: `k` does not find the Kelvin sign. A query with other letters folds as
 * Unicode's simple folding does. A word ends where no letter, mark, digit or `_` follows. Regular expressions are JavaScript's; `\p{…}` and
 * `\u{…}` switch on its Unicode mode.
 */
import type { LogQuery } from '../protocol/run_log.ts';

const WORD_CHARACTER = String.raw`[\p{L}\p{M}\p{N}_]`;

/** @throws SyntaxError for a regular expression that is none. */
export function queryPattern({ q, mode, case: caseRule }: LogQuery): RegExp {
  const ignore = caseRule === 'ignore';
  switch (mode) {
    case 'text':
      return new RegExp(escaped(q), ignore ? foldFlags(q) : '');
    case 'word':
      // Flag i with flag u would fold beyond ASCII.
      return new RegExp(
        `(?<!${WORD_CHARACTER})${ignore && isAscii(q) ? eitherCase(q) : escaped(q)}(?!${WORD_CHARACTER})`,
        ignore && !isAscii(q) ? 'iu' : 'u',
      );
    case 'regex':
      return new RegExp(q, `${ignore ? 'i' : ''}${needsUnicode(q) ? 'u' : ''}`);
    default:
      return mode satisfies never;
  }
}

export function escaped(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
}

/** Flags with which the escaped text is found in any case. */
export function foldFlags(text: string): 'i' | 'iu' {
  return isAscii(text) ? 'i' : 'iu';
}

export function needsUnicode(source: string): boolean {
  return /\\(?:[pP]|u)\{/.test(source);
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

function eitherCase(text: string): string {
  return escaped(text).replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}
