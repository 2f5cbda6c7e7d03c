import { describe, expect, test } from 'vitest';
import { isHarmless, matcherOf } from './find_matcher.ts';

const found = (q: string, mode: 'text' | 'word' | 'regex', text: string, how: 'ignore' | 'match' = 'ignore'): string[] | null =>
  matcherOf({ q, mode, case: how }, 'found')?.(text).map(({ from, to }) => text.slice(from, to)) ?? null;

describe('marks', () => {
  test.each([
    ['a.b', 'a.b axb A.B', ['a.b', 'A.B']],
    ['[x]-(y)', 'the [x]-(y) of it', ['[x]-(y)']],
    ['\\', 'a\\b', ['\\']],
    ['é', 'É é e', ['É', 'é']],
    ['🚦', 'a 🚦 b', ['🚦']],
  ])('%s as text', (q, text, expected) => expect(found(q, 'text', text)).toEqual(expected));

  test('case can matter', () => expect(found('Err', 'text', 'err Err ERR', 'match')).toEqual(['Err']));
  test('a word ends where letters, digits and _ end', () =>
    expect(found('err', 'word', 'err error err_no ärr (err) err.')).toEqual(['err', 'err', 'err']));
  test('a pattern', () => expect(found(String.raw`\d+ failed`, 'regex', '12 failed, 3 failed')).toEqual(['12 failed', '3 failed']));
  test('letters of a property, and letters by their number', () => {
    expect(found(String.raw`\p{Lu}+`, 'regex', 'an ERR of ÄÖ', 'match')).toEqual(['ERR', 'ÄÖ']);
    expect(found(String.raw`\u{1F6A6}`, 'regex', 'a 🚦 b')).toEqual(['🚦']);
  });
  test('what is no match for the server is none here', () => {
    expect(found('k', 'text', 'k \u212a')).toEqual(['k']);
    expect(found('e', 'word', 'e\u0301 e')).toEqual(['e']);
  });
  test('what matches nothing marks nothing', () => expect(found('x*', 'regex', 'aaxa')).toEqual(['x']));
  test('a pattern that cannot be read marks nothing', () => expect(found('(', 'regex', 'a(b')).toBe(null));
  test('no more than can be told apart', () => expect(found('a', 'text', 'a'.repeat(5_000))).toHaveLength(200));
});

describe('harmless', () => {
  test.each(['abc', String.raw`\d+ failed`, 'a|b', '(?:error|warning): .*', '[+*]+', String.raw`\(.+\)`, 'x{2,3}'])(
    '%s is tried',
    (pattern) => expect(isHarmless(pattern)).toBe(true),
  );
  test.each(['(a+)+$', '(a|aa)+$', '(?:a*)*', '((a+)b)*', String.raw`(.)\1`, '(?=a)a', '.*.*.*.*x', '(a?){30}'])('%s is not', (pattern) =>
    expect(isHarmless(pattern)).toBe(false),
  );
});
