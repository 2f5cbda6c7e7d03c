import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrapCount, wrapOffsets } from './display_width.ts';
import type { LogRow } from './log_document.ts';
import { PLAIN } from './ansi.ts';
import { RowIndex, type Lines } from './row_index.ts';
import { SCROLL_MAX_PX, scrollHeight, scrollTopOf, topRow, visibleRows } from './scroll_space.ts';
import { wrappedSpans } from './wrapped_spans.ts';

class FakeLines implements Lines {
  changes = 0;
  texts: string[];
  constructor(texts: string[]) {
    this.texts = texts;
  }
  get rows(): number {
    return this.texts.length;
  }
  row(index: number): LogRow {
    return { type: 'line', raw: this.texts[index]!, start: PLAIN };
  }
}

describe('wrapping', () => {
  test.each([
    ['', 4, [0]],
    ['abcd', 4, [0]],
    ['abcde', 4, [0, 4]],
    ['ab漢字', 4, [0, 3]],
    ['a\u0301bcd', 4, [0]],
    ['ab\tc', 8, [0, 3]],
    ['👍👍👍', 4, [0, 4]],
  ])('%j at %d columns', (text, columns, offsets) => expect(wrapOffsets(text, columns)).toEqual(offsets));

  test('the count is the number of rows, and the rows joined are the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, columns) => {
        const count = wrapCount(text, columns);
        expect(count).toBe(wrapOffsets(text, columns).length);
        const spans = [
          { text: text.slice(0, 7), style: PLAIN },
          { text: text.slice(7), style: PLAIN },
        ];
        const parts = Array.from({ length: count }, (_, part) =>
          wrappedSpans(spans, columns, part)
            .map((span) => span.text)
            .join(''),
        );
        expect(parts.join('')).toBe(text);
      }),
    );
  });
});

describe('screen rows', () => {
  test('one a line without wrapping', () => {
    const index = new RowIndex();
    index.sync(new FakeLines(['a', 'b'.repeat(100)]), null);
    expect(index.rows).toBe(2);
    expect(index.at(1)).toEqual({ line: 1, part: 0 });
  });

  test('as many as a line wraps to, also when the last line grows and lines are added', () => {
    const index = new RowIndex();
    const lines = new FakeLines(['abcdefgh', 'x']);
    index.sync(lines, 4);
    expect(index.rows).toBe(3);
    lines.texts = ['abcdefgh', 'xyzab', 'c'];
    index.sync(lines, 4);
    expect(index.rows).toBe(5);
    expect([0, 1, 2, 3, 4].map((row) => index.at(row))).toEqual([
      { line: 0, part: 0 },
      { line: 0, part: 1 },
      { line: 1, part: 0 },
      { line: 1, part: 1 },
      { line: 2, part: 0 },
    ]);
    expect(index.rowOf(2)).toBe(4);
  });

  test('measured anew when lines before the last changed', () => {
    const index = new RowIndex();
    const lines = new FakeLines(['abcdefgh', 'x']);
    index.sync(lines, 4);
    lines.texts = ['a', 'x'];
    lines.changes++;
    index.sync(lines, 4);
    expect(index.rows).toBe(2);
  });
});

describe('scrolling', () => {
  const viewport_px = 360;
  test('a pixel is a pixel up to the cap', () => {
    const space = { rows: 1_000, row_px: 18, viewport_px };
    expect(scrollHeight(space)).toBe(18_000);
    expect(visibleRows(space, 1_809, 0)).toEqual({ first: 100, end: 121, offset_px: 1_800 });
  });

  test('five million rows still go from the first to the last', () => {
    const space = { rows: 5_000_000, row_px: 18, viewport_px };
    expect(scrollHeight(space)).toBe(SCROLL_MAX_PX);
    expect(visibleRows(space, 0, 0).first).toBe(0);
    const last = visibleRows(space, SCROLL_MAX_PX - viewport_px, 0);
    expect(last.end).toBe(5_000_000);
    expect(last.end - last.first).toBeLessThanOrEqual(22);
    expect(topRow(space, scrollTopOf(space, 1_234_567))).toBeCloseTo(1_234_567, 3);
  });
});
