/** The quick share of the fault tests: each case with few repetitions, and its first red control. */
import { describe, expect, test } from 'vitest';
import { allCases, ROOT } from './kit/cases.ts';
import { judge } from './kit/judge.ts';
import { placesOf } from './kit/without_guard.ts';

const DEADLINE_MS = 120_000;
const quick = (await allCases()).filter(({ faultCase }) => faultCase.quick !== null);

describe('quick share', () => {
  test.concurrent.each(quick.map((each) => [each.faultCase.name, each] as const))(
    '%s',
    async (_, { file, faultCase }) => {
      const verdict = await judge(ROOT, file, faultCase, { runs: faultCase.quick ?? 0, seed: 1 }, faultCase.guards.slice(0, 1));
      expect(verdict.found.violations).toEqual([]);
      expect(verdict.blind).toEqual([]);
    },
    DEADLINE_MS,
  );
});

test.each((await allCases()).map(({ faultCase }) => faultCase))('"$name" has red controls, each of a guard that is there', ({ guards }) => {
  expect(guards.length).toBeGreaterThan(0);
  for (const guard of guards) expect([guard.name, placesOf(ROOT, guard)]).toEqual([guard.name, 1]);
});
