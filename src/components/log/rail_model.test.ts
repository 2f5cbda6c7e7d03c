import { expect, test } from 'vitest';
import { railMarks } from './rail_model.ts';

test('errors stand where their lines are, from the first line to the last', () =>
  expect(railMarks([1, 501, 1_001], 1_001, [])).toEqual([
    { key: 'error 1', kind: 'error', at: 0, n: 1 },
    { key: 'error 501', kind: 'error', at: 0.5, n: 501 },
    { key: 'error 1001', kind: 'error', at: 1, n: 1_001 },
  ]));

test('many in one place are one mark, that leads to the first of them', () => {
  const marks = railMarks(
    Array.from({ length: 10_000 }, (_, i) => i + 1),
    10_000,
    [],
  );
  expect(marks.length).toBeLessThanOrEqual(401);
  expect(marks[0]?.n).toBe(1);
});

test('a log of one line', () => expect(railMarks([1], 1, [])).toEqual([{ key: 'error 1', kind: 'error', at: 0, n: 1 }]));

test('what was found stands in the middle of its part', () =>
  expect(railMarks([], 100, [0, 3, 0, 1])).toEqual([
    { key: 'found 1', kind: 'found', at: 0.375, n: null },
    { key: 'found 3', kind: 'found', at: 0.875, n: null },
  ]));

test('a mark is the same one after the log has grown, so that it moves and is not made anew', () => {
  const keys = (lines: number): string[] => railMarks([10, 500], lines, [0, 1]).map(({ key }) => key);
  expect(keys(2_000)).toEqual(keys(1_000));
  expect(new Set(keys(1_000)).size).toBe(3);
});
