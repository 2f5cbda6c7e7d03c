import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN } from '../shared/output/ansi.ts';
import { wrapOffsets } from './display_width.ts';
import { markedSpans, sliceSpans } from './shown_spans.ts';

describe('wrapping', () => {
  test.each([
    ['', 4, [0]],
    ['abcd', 4, [0]],
    ['abcde', 4, [0, 4]],
    ['ab漢字', 4, [0, 3]],
    ['a\u0301bcd', 4, [0]],
    ['ab\tc', 8, [0, 3]],
    ['👍👍👍', 4, [0, 4]],
    ['✅✅❌', 4, [0, 2]],
    ['⚠️⚠️⚠️', 4, [0, 4]],
    ['👩\u200d💻👍🏽🇩🇪', 4, [0, 9]],
    ['👩\u200d💻👍🏽🇩🇪', 2, [0, 5, 9]],
    ['\u1112\u1161\u11ab\u1112\u1161\u11ab', 2, [0, 3]],
    ['a\u200bbcde', 4, [0, 5]],
  ])('%j at %d columns', (text, columns, offsets) => expect(wrapOffsets(text, columns)).toEqual(offsets));

  test('the rows joined are the line, also with marks over them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, columns) => {
        const offsets = wrapOffsets(text, columns);
        const spans = [
          { text: text.slice(0, 7), style: PLAIN },
          { text: text.slice(7), style: PLAIN },
        ];
        const marked = markedSpans(spans, [
          { from: 2, to: 5, class: 'found' },
          { from: 6, to: 9, class: 'found' },
        ]);
        const parts = offsets.map((from, part) => sliceSpans(marked, from, offsets[part + 1] ?? Infinity));
        expect(parts.map((part) => part.map((span) => span.text).join('')).join('')).toBe(text);
        const found = parts.flat().filter(({ mark }) => mark !== undefined);
        expect(found.map((span) => span.text).join('')).toBe(text.slice(2, 5) + text.slice(6, 9));
      }),
    );
  });
});
