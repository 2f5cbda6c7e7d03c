import { expect, test } from 'vitest';
import { LogFolds, type Section } from './log_folds.svelte.ts';

const section = (from: number, to: number | null, depth = 0): Section => ({ from, to, title: `part ${from}`, depth });
const NESTED = [section(2, 10), section(4, 6, 1), section(12, 15), section(20, null)];

function shown(folds: LogFolds, lines: number): number[] {
  const rows = folds.rows(lines);
  return rows === undefined ? Array.from({ length: lines }, (_, i) => i + 1) : Array.from({ length: rows.count }, (_, i) => rows.row(i));
}

test('a folded section leaves its first line', () => {
  const folds = new LogFolds(() => NESTED);
  expect(folds.rows(30)).toBeUndefined();
  folds.toggle(12);
  expect(shown(folds, 17)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17]);
  expect(folds.isFolded(12)).toBe(true);
  folds.toggle(12);
  expect(folds.rows(17)).toBeUndefined();
});

test('all, and none', () => {
  const folds = new LogFolds(() => NESTED);
  folds.foldAll();
  expect(shown(folds, 30)).toEqual([1, 2, 11, 12, 16, 17, 18, 19, 20]);
  expect(folds.allFolded).toBe(true);
  folds.unfoldAll();
  expect(folds.rows(30)).toBeUndefined();
});

test('a jump into a folded section unfolds what hides the line, and no more', () => {
  const folds = new LogFolds(() => NESTED);
  folds.foldAll();
  folds.reveal(5);
  expect([2, 4, 12, 20].map((n) => folds.isFolded(n))).toEqual([false, false, true, true]);
  folds.foldAll();
  folds.reveal(4);
  expect([2, 4].map((n) => folds.isFolded(n))).toEqual([false, true]);
  folds.reveal(1_000);
  expect(folds.isFolded(20)).toBe(false);
});

test('the innermost section a line is in', () => {
  const folds = new LogFolds(() => NESTED);
  expect([1, 2, 5, 8, 11, 99].map((n) => folds.around(n)?.from ?? null)).toEqual([null, 2, 4, 2, null, 20]);
});

test('a section of one line has nothing to fold', () => {
  const folds = new LogFolds(() => [section(3, 3)]);
  expect(folds.at(3)).toBeNull();
  expect(folds.at(4)).toBeNull();
});
