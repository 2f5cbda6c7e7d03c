import { expect, test } from 'vitest';
import { steadyClock } from './steady_clock.ts';

test('it counts what either clock counts, and never goes back', () => {
  let [wall, monotonic] = [1_000_000, 0];
  const now = steadyClock(
    () => wall,
    () => monotonic,
  );
  const after = (wall_ms: number, monotonic_ms: number): number => {
    [wall, monotonic] = [wall + wall_ms, monotonic + monotonic_ms];
    return now();
  };
  expect(after(10, 10)).toBe(10);
  // Set back by an hour while 5 s pass.
  expect(after(-3_600_000, 5_000)).toBe(5_010);
  // An hour of sleep.
  expect(after(3_600_000, 20)).toBe(3_605_010);
});
