import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLine, PLAIN, plainText, RGB, type Span } from './ansi.ts';
import { colouredText } from './coloured_text.ts';

const color = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 0xffffff }).map((rgb) => RGB + rgb),
);
const style = fc.record({
  fg: color,
  bg: color,
  bold: fc.boolean(),
  dim: fc.boolean(),
  italic: fc.boolean(),
  underline: fc.boolean(),
  inverse: fc.boolean(),
  strike: fc.boolean(),
});
const spans = fc.array(
  fc.record({ text: fc.string({ minLength: 1, unit: fc.constantFrom('a', 'é', '\u6f22', ' ', '\t', '[', 'm') }), style }),
);

/** Character by character, because neighbours that look alike may be one. */
const looks = (all: readonly Span[]): unknown[] => all.flatMap(({ text, style: how }) => [...text].map((character) => [character, how]));

test('what is written is read as the same text in the same styles, and ends plain', () => {
  fc.assert(
    fc.property(spans, (all) => {
      const { spans: read, end } = parseLine(colouredText(all), PLAIN);
      expect(looks(read)).toEqual(looks(all));
      expect(end).toEqual(PLAIN);
    }),
  );
});

test('plain text has no sequence', () => expect(colouredText([{ text: 'ok 1', style: PLAIN }])).toBe('ok 1'));

test('nothing but colours comes back', () => {
  const raw = 'a\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[5;5H\u001b]8;;https://example.org\u0007 link\u001b]8;;\u0007';
  const copied = colouredText(parseLine(raw, PLAIN).spans);
  expect(copied).toBe('a\u001b[0;31mred link\u001b[0m');
  expect(plainText(copied)).toBe(plainText(raw));
});
