import { describe, expect, test } from 'vitest';
import { usual } from './durations.ts';
import type { ProjectState } from './state.ts';

const withDurations = (seconds: readonly number[]): ProjectState => ({ durations: { build: seconds } }) as unknown as ProjectState;

describe('how long a step usually takes', () => {
  test('is not guessed without history', () => {
    expect(usual(withDurations([]), 'build')).toBeNull();
    expect(usual(withDurations([3]), 'gate:host/unit_tests')).toBeNull();
  });
  test('is the middle and the slow end of its last runs, in any order', () => {
    expect(usual(withDurations([9, 1, 5]), 'build')).toEqual({ p50: 5, p90: 9, runs: 3 });
    expect(usual(withDurations([4]), 'build')).toEqual({ p50: 4, p90: 4, runs: 1 });
    expect(usual(withDurations(Array.from({ length: 20 }, (_, n) => n + 1)), 'build')).toEqual({ p50: 11, p90: 19, runs: 20 });
  });
});
