import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FoldedRows, HiddenLines, type LineStretch } from './folded_rows.ts';

const LINES = 60;
const stretch = fc
  .record({ from: fc.integer({ min: 1, max: LINES + 5 }), length: fc.integer({ min: 0, max: 20 }), open: fc.boolean() })
  .map(({ from, length, open }): LineStretch => ({ from, to: open && length > 15 ? Infinity : from + length - 1 }));

test('the same lines as one by one', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 12 }), fc.integer({ min: 0, max: LINES }), (hidden, lines) => {
      const left = Array.from({ length: lines }, (_, i) => i + 1).filter((n) => !hidden.some(({ from, to }) => n >= from && n <= to));
      const rows = new FoldedRows(lines, new HiddenLines(hidden));
      expect(rows.count).toBe(left.length);
      expect(left.map((_, i) => rows.row(i))).toEqual(left);
      for (let n = 1; n <= lines + 2; n++) {
        const next = left.findIndex((shown) => shown >= n);
        expect(rows.indexOf(n)).toBe(next === -1 ? left.length : next);
      }
    }),
    { numRuns: 500 },
  );
});

test('ten million lines with ten thousand hidden stretches', () => {
  const hidden = new HiddenLines(Array.from({ length: 10_000 }, (_, i) => ({ from: i * 1_000 + 2, to: i * 1_000 + 901 })));
  const rows = new FoldedRows(10_000_000, hidden);
  expect(rows.count).toBe(1_000_000);
  expect(rows.row(0)).toBe(1);
  expect(rows.row(1)).toBe(902);
  expect(rows.row(999_999)).toBe(10_000_000);
  for (const n of [1, 902, 5_000_001, 10_000_000]) expect(rows.row(rows.indexOf(n))).toBe(n);
});

test('one that is open hides what comes', () => {
  const hidden = new HiddenLines([{ from: 5, to: Infinity }]);
  expect(new FoldedRows(4, hidden).count).toBe(4);
  expect(new FoldedRows(40_000, hidden).count).toBe(4);
});
