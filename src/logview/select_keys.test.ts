import { expect, test } from 'vitest';
import { FoldedRows, HiddenLines } from './folded_rows.ts';
import { linesBeyond } from './number_drag.ts';
import { AllRows, type RowSource } from './row_source.ts';
import { extendedTo } from './select_keys.ts';

const at = (focus: number | null, rows: RowSource = new AllRows(1_000)): Parameters<typeof extendedTo>[1] => ({
  rows: () => rows,
  visibleRange: () => ({ first: 101, last: 130 }),
  focus: () => focus,
});

test.each<[string, number | null, number | null]>([
  ['ArrowDown', null, 101],
  ['ArrowUp', null, 101],
  ['ArrowDown', 110, 111],
  ['ArrowUp', 110, 109],
  ['ArrowUp', 1, 1],
  ['ArrowDown', 1_000, 1_000],
  ['PageDown', 110, 138],
  ['PageUp', null, 73],
  ['Home', 110, 1],
  ['End', 110, 1_000],
  ['x', 110, null],
])('Shift %s from %s: %s', (key, focus, n) => expect(extendedTo(key, at(focus))).toBe(n));

test('what is folded is stepped over', () => {
  const rows = new FoldedRows(1_000, new HiddenLines([{ from: 111, to: 120 }]));
  expect(extendedTo('ArrowDown', at(110, rows))).toBe(121);
  expect(extendedTo('ArrowUp', at(121, rows))).toBe(110);
});

test('a log without a line has nothing to select', () => expect(extendedTo('End', at(null, new AllRows(0)))).toBeNull());

test('beyond an edge the lines move, faster further away, and not without end', () => {
  const box = { top: 100, bottom: 500 };
  expect([300, 100, 500].map((y) => linesBeyond(box, y))).toEqual([0, 0, 0]);
  expect([99, 76, 75, 510, 100_000].map((y) => linesBeyond(box, y))).toEqual([-1, -1, -2, 1, 40]);
});
