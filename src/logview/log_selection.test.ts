import { expect, test } from 'vitest';
import { allOf, columnsOf, extractOf, isEmpty, linesOf, selectionWords, type Selection } from './log_selection.ts';

const text = (a: number, ac: number, f: number, fc: number): Selection => ({
  type: 'text',
  anchor: { line: a, column: ac },
  focus: { line: f, column: fc },
});

test('upwards and downwards are the same stretch', () => {
  expect(extractOf(text(5, 3, 2, 7))).toEqual(extractOf(text(2, 7, 5, 3)));
  expect(extractOf(text(5, 9, 5, 3))).toEqual({ from: { line: 5, column: 3 }, to: { line: 5, column: 9 } });
  expect(extractOf({ type: 'lines', anchor: 9, focus: 4 })).toEqual({ from: { line: 4, column: 0 }, to: { line: 9, column: Infinity } });
});

test('the first and the last line are cut, those between are whole', () => {
  const extract = extractOf(text(2, 7, 4, 3));
  expect([2, 3, 4].map((n) => columnsOf(extract, n))).toEqual([
    { from: 7, to: Infinity },
    { from: 0, to: Infinity },
    { from: 0, to: 3 },
  ]);
});

test('a line is touched by a character of it, not by its beginning', () => {
  expect(linesOf(text(2, 7, 4, 0))).toEqual({ from: 2, to: 3 });
  expect(linesOf(text(2, 0, 2, 0))).toEqual({ from: 2, to: 2 });
  expect(isEmpty(text(2, 0, 2, 0))).toBe(true);
  expect(isEmpty(text(2, Infinity, 2, Infinity))).toBe(true);
  expect(isEmpty({ type: 'lines', anchor: 2, focus: 2 })).toBe(false);
});

test.each<[Selection, string]>([
  [{ type: 'lines', anchor: 12, focus: 12 }, 'Line 12 selected'],
  [{ type: 'lines', anchor: 131, focus: 12 }, '120 lines selected'],
  [text(1_200, 2, 1_200, 9), 'Part of line 1,200 selected'],
  [text(2, 7, 4, 3), '3 lines selected'],
  [allOf(1), 'Line 1 selected'],
  [allOf(2_000_000), '2,000,000 lines selected'],
])('%j: %s', (selection, words) => expect(selectionWords(selection)).toBe(words));
