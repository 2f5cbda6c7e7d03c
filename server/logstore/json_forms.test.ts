import { describe, expect, test } from 'vitest';
import { maskedText } from './masked_text.ts';

const HARD = `a<b>&c="d"'+/\u00f6`;

describe.each([
  ['JavaScript', `a<b>&c=\\"d\\"'+/\u00f6`],
  ['Python', `a<b>&c=\\"d\\"'+/\\u00f6`],
  ['PHP', `a<b>&c=\\"d\\"'+\\/\\u00f6`],
  ['Go', `a\\u003cb\\u003e\\u0026c=\\"d\\"'+/\u00f6`],
  ['Gson', `a\\u003cb\\u003e\\u0026c\\u003d\\"d\\"\\u0027+/\u00f6`],
  ['.NET', `a\\u003Cb\\u003E\\u0026c=\\u0022d\\u0022\\u0027\\u002B/\\u00F6`],
])('a secret in JSON of %s', (_whose, form) => {
  test('is masked', () => expect(maskedText(`{"token":"${form}"}`, [HARD])).toBe('{"token":"***"}'));
});
