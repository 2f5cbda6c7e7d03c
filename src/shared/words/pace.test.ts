import { describe, expect, test } from 'vitest';
import { aboutLeft, longerThanUsual, noOutputFor } from './pace.ts';

const usual = (p50_s: number, p90_s: number) => ({ usual: { p50_s, p90_s, runs: 5 } });
const pause = (usual_s: number) => ({ pause: { usual_s, runs: 5 } });
const UNKNOWN = { usual: null, pause: null };

describe('a run that takes its time', () => {
  test.each([
    [130, usual(40, 60), 'longer than usual: 2 min 10 s, usually 40 s'],
    [60, usual(40, 60), null],
    [61, usual(40, 60), 'longer than usual: 1 min 1 s, usually 40 s'],
    [9, usual(0.2, 0.3), null],
    [1e6, UNKNOWN, null],
  ])('%d s in: %j', (elapsed, pace, words) => expect(longerThanUsual(elapsed, pace)).toBe(words));

  test.each([
    [40, usual(160, 200), 'About 2 min left.'],
    [30, usual(40, 60), 'About 10 s left.'],
    [0, usual(700, 900), 'About 12 min left.'],
    [40, usual(40, 60), null],
    [-3590, usual(40, 60), 'About 40 s left.'],
    [5, UNKNOWN, null],
  ])('%d s in, what is left: %j', (elapsed, pace, words) => expect(aboutLeft(elapsed, pace)).toBe(words));
});

test.each([
  [360, pause(40), 'No output for 6 min, usual pause 40 s.'],
  [395, pause(40), 'No output for 6 min, usual pause 40 s.'],
  [79, pause(40), null],
  [80, pause(40), 'No output for 1 min, usual pause 40 s.'],
  [29, pause(0.4), null],
  [30, pause(0.4), 'No output for 30 s, usual pause 0.4 s.'],
  [360, UNKNOWN, 'No output for 6 min.'],
])('silent for %d s: %j', (silent, pace, words) => expect(noOutputFor(silent, pace)).toBe(words));
