import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLAIN, styleAfter, type Style } from '../shared/output/ansi.ts';
import { standingLine } from '../shared/output/standing.ts';
import { isTooLong } from './held_line.ts';
import { LaneStretch } from './lane_stretch.ts';

const PIECES = [
  'a',
  'ü€',
  '🚦',
  '\u001b[31m',
  '\u001b[1;44m',
  '\u001b[0m',
  '\u001b',
  '\r',
  '\r\n',
  '\n',
  '\n',
  '50 %\r',
  '\u001b[1G',
  '[1',
  'G',
  '\u001b]0;t\u0007',
  '\t',
];
const output = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => parts.join(''));
const BIG = 'x'.repeat(9_000);
const bigOutput = fc.array(fc.constantFrom(...PIECES, BIG, BIG), { maxLength: 30 }).map((parts) => parts.join(''));

/** As a plain array of lines. */
function linesOf(text: string): { raw: string; start: Style }[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let style = PLAIN;
  return lines.map((raw) => {
    const shown = standingLine(raw, style);
    style = styleAfter(raw, style);
    return shown;
  });
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

const shown = (stretch: LaneStretch, n: number): unknown => {
  const line = stretch.line(n, true);
  return line === null ? null : { raw: line.raw, start: line.start };
};

test('the lines are those of the text, however it is cut and whenever its style becomes known', () => {
  fc.assert(
    fc.property(fc.oneof(output, bigOutput), fc.array(fc.nat(), { maxLength: 8 }), fc.nat(8), (text, places, told) => {
      const expected = linesOf(text);
      const stretch = new LaneStretch({ line: 1, whole: true, style: told === 0 ? PLAIN : null });
      cut(text, places).forEach((piece, i) => {
        stretch.feed(piece, null);
        if (i === told) stretch.begins(1, PLAIN);
      });
      stretch.begins(1, PLAIN);
      expect(stretch.last).toBe(expected.length);
      expected.forEach((line, i) => expect(shown(stretch, i + 1)).toEqual(isTooLong(line.raw) ? null : line));
    }),
    { numRuns: 1_000 },
  );
});

test('joined in the middle of a line it begins with the next; what stands of the cut one is shown only after a return', () => {
  fc.assert(
    fc.property(output, output, fc.array(fc.nat(), { maxLength: 8 }), (before, text, places) => {
      const expected = linesOf(before + text);
      const line = before.split('\n').length;
      const stretch = new LaneStretch({ line, whole: false, style: null });
      for (const piece of cut(text, places)) stretch.feed(piece, null);
      const head = (before + text).split('\n').slice(0, line).join('\n');
      if (stretch.needsStyle) stretch.begins(line + 1, styleAfter(head, PLAIN));
      expected.forEach((each, i) => {
        const found = shown(stretch, i + 1);
        if (i + 1 > line) expect(found).toEqual(each);
        else if (i + 1 < line) expect(found).toBeNull();
      });
    }),
  );
});

test('bounded, what is left is still right', () => {
  fc.assert(
    fc.property(bigOutput, fc.array(fc.nat(), { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (text, places, lines) => {
      const expected = linesOf(text);
      const stretch = new LaneStretch({ line: 1, whole: true, style: PLAIN });
      for (const piece of cut(text, places)) {
        stretch.feed(piece, null);
        stretch.bound(lines, 20_000);
      }
      expected.forEach((line, i) => {
        const found = shown(stretch, i + 1);
        if (found !== null) expect(found).toEqual(line);
        else expect(i + 1 < stretch.first || isTooLong(line.raw)).toBe(true);
      });
    }),
  );
});

test('a progress bar without an end is shown from its last state alone', () => {
  const stretch = new LaneStretch({ line: 1, whole: true, style: PLAIN });
  for (let i = 0; i <= 100_000; i += 50) {
    stretch.feed(Array.from({ length: 50 }, (_, k) => `\r\u001b[32mstate ${i + k}`).join(''), 7);
    stretch.bound(20_000, 100_000);
  }
  expect(shown(stretch, 1)).toEqual({ raw: '\u001b[32mstate 100049', start: styleAfter('\u001b[32m', PLAIN) });
  expect(stretch.chars).toBeLessThan(120_000);
});

test('without its style nothing is shown, and when it grows over its bound it begins anew', () => {
  const stretch = new LaneStretch({ line: 5, whole: true, style: null });
  for (let i = 0; i < 3; i++) {
    stretch.feed(`${'y'.repeat(20_000)}\nz`, null);
    stretch.bound(100, 30_000);
  }
  expect(stretch.line(stretch.last, true)).toBeNull();
  stretch.feed('z\nlast', null);
  const { first } = stretch;
  expect(first).toBeGreaterThan(5);
  stretch.begins(5, PLAIN);
  expect(stretch.line(stretch.last, true)).toBeNull();
  stretch.begins(first, PLAIN);
  expect(stretch.line(stretch.last, true)?.raw).toBe('last');
  expect(stretch.line(first - 1, true)).toBeNull();
});

test('an unfinished line that goes on elsewhere is not whole', () => {
  const stretch = new LaneStretch({ line: 1, whole: true, style: PLAIN });
  stretch.feed('a\nb', null);
  expect([1, 2].map((n) => stretch.line(n, false)?.raw)).toEqual(['a', undefined]);
  stretch.feed('\n', null);
  expect([1, 2].map((n) => stretch.line(n, false)?.raw)).toEqual(['a', 'b']);
});

test('a line knows when it came', () => {
  const stretch = new LaneStretch({ line: 1, whole: true, style: PLAIN });
  stretch.feed('a\nb', 1);
  stretch.feed('b\nc\n', 2);
  expect([1, 2, 3].map((n) => stretch.line(n, true)?.at)).toEqual([1, 1, 2]);
});
