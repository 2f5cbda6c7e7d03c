import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPREAD_MOST_MS, SPREAD_PER_VIEWER_MS, tryWithinMs } from './link_timing.ts';
import { Turns } from './turns.ts';

/** The most of these moments in any one second. */
function mostInASecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let from = 0;
  return sorted.reduce((most, at, to) => {
    while (at - sorted[from]! >= 1_000) from++;
    return Math.max(most, to - from + 1);
  }, 0);
}

test('the time grows with the viewers to its bound, and with failed tries for the few', () => {
  expect(tryWithinMs(1, 0)).toBe(SPREAD_PER_VIEWER_MS);
  expect(tryWithinMs(500, 0)).toBe(16_000);
  expect(tryWithinMs(500, 1)).toBe(16_000);
  expect(tryWithinMs(1, 9)).toBe(8_000);
  expect(tryWithinMs(100_000, 0)).toBe(SPREAD_MOST_MS);
});

test('500 pages that lost the server together: no more than 60 tries in any second, at whichever try', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      let state = seed >>> 0;
      const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      const tries = Array.from({ length: 500 }, () => {
        const turns = new Turns(random);
        let at = 0;
        return Array.from({ length: 4 }, () => {
          at += turns.next(at, 500);
          turns.taken();
          // How long a refused try takes.
          return (at += 20);
        });
      });
      // Chance alone passes 60 once in some thousand; a fault of the windows passes it every time.
      expect(mostInASecond(tries.flat())).toBeLessThanOrEqual(66);
    }),
    { numRuns: 40 },
  );
});

test('a try out of turn costs no turn, and a link that held begins anew', () => {
  const turns = new Turns(() => 0.5);
  expect(turns.next(0, 500)).toBe(8_000);
  expect(turns.next(3_000, 500)).toBe(5_000);
  turns.taken();
  expect(turns.next(8_000, 500)).toBe(16_000);
  turns.begin();
  expect(turns.next(9_000, 500)).toBe(8_000);
});
