// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { parseLine, PLAIN } from '../shared/output/ansi.ts';
import { drawSpans } from './drawn_spans.ts';
import { LineLooks } from './line_looks.ts';
import { unseenApart } from './unseen.ts';

const shown = (raw: string, controls: boolean): string[] =>
  unseenApart(parseLine(raw, PLAIN, { controls }).spans, controls).map(({ text, kind, alone }) =>
    kind === 'control' ? text : alone === true ? `(${text})` : `“${text}”`,
  );

test('what turns the direction of writing stands alone, whether it is shown or not', () => {
  expect(shown('if \u202eresu\u202c = \u001b[31m\u2066x\u2069', false)).toEqual([
    '“if ”',
    '(\u202e)',
    '“resu”',
    '(\u202c)',
    '“ = ”',
    '(\u2066)',
    '“x”',
    '(\u2069)',
  ]);
  expect(shown('a\u202eb', true)).toEqual(['“a”', '<202e>', '(\u202e)', '“b”']);
});

test('what has no width is shown where control characters are, and left alone elsewhere', () => {
  expect(shown('pass\u200bword\ufeff \u0007', true)).toEqual(['“pass”', '<200b>', '(\u200b)', '“word”', '<feff>', '(\ufeff)', '“ ”', '␇']);
  expect(shown('pass\u200bword 👩\u200d💻', false)).toEqual(['“pass\u200bword 👩\u200d💻”']);
});

test('other scripts are as they are', () => {
  expect(shown('مرحبا שלום', false)).toEqual(['“مرحبا שלום”']);
});

test('a line that is looked at is drawn so, and its text is the same', () => {
  const raw = 'granted \u202e if';
  const { spans, text } = new LineLooks(null, false).of(1, { type: 'line', raw, start: PLAIN, cut: null, offset: null, at: null });
  const line = document.createElement('span');
  drawSpans(line, spans);
  expect([...line.querySelectorAll('span')].map(({ className, textContent }) => [className, textContent])).toEqual([['alone', '\u202e']]);
  expect([text, line.textContent]).toEqual([raw, raw]);
});
