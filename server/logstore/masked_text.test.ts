import { expect, test } from 'vitest';
import { maskedText } from './masked_text.ts';

test('a text is told as a log would hold it, in whatever form it has the secret, and whole where there is none', () => {
  expect(maskedText('{"password":"a\\"b-c"} — a"b-c', ['a"b-c'])).toBe('{"password":"***"} — ***');
  expect(maskedText('nothing to hide: tok', ['token'])).toBe('nothing to hide: tok');
  expect(maskedText('as it is', [])).toBe('as it is');
});
