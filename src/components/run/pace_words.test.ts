import { describe, expect, test } from 'vitest';
import type { Run } from '../../shared/fold/state.ts';
import { keptWords } from './kept_words.ts';
import { paceProgress, paceWords, quietWords } from './pace_words.ts';

const START = '2026-11-14T02:00:00.000Z';
const after = (seconds: number): number => Date.parse(START) + seconds * 1000;
const run = (status = 'running'): Run => ({ run_id: 42, status, started_at: START, ended_at: null }) as unknown as Run;
const PACE = { usual: { p50_s: 40, p90_s: 60, runs: 5 }, pause: { usual_s: 40, runs: 5 } };
const UNKNOWN = { usual: null, pause: null };

test.each([
  [run(), PACE, 10, 'Usually 40 s. About 30 s left.'],
  [run(), PACE, 50, 'Usually 40 s.'],
  [run(), PACE, 130, 'Longer than usual: 2 min 10 s, usually 40 s.'],
  [run('passed'), PACE, 130, 'Usually 40 s.'],
  [run(), UNKNOWN, 130, ''],
])('%# says %s', (of, pace, seconds, words) => expect(paceWords(of, pace, after(seconds))).toBe(words));

test('the bar knows the usual time and what nine in ten take; without history there is none', () => {
  expect(paceProgress(run(), PACE, after(10))).toEqual({ elapsed_s: 10, usual: { p50: 40, p90: 60 } });
  expect(paceProgress(run(), UNKNOWN, after(10))).toBe(null);
  expect(paceProgress(run('failed'), PACE, after(10))).toBe(null);
});

test('silence counts from the last output, while it runs', () => {
  expect(quietWords(run(), after(0), PACE, after(360))).toBe('No output for 6 min, usual pause 40 s.');
  expect(quietWords(run(), after(350), PACE, after(360))).toBe('');
  expect(quietWords(run('passed'), after(0), PACE, after(360))).toBe('');
  expect(quietWords(run(), null, PACE, after(360))).toBe('');
});

describe('how long a log is kept', () => {
  const now = Date.parse('2026-11-28T12:00:00.000Z');
  const stat = (more: object) => ({ closed: true, kept_until: null, kept_why: '', ...more });
  test.each([
    [
      stat({ kept_until: Date.parse('2026-12-28T12:00:00.000Z'), kept_why: 'Kept for 30 days.' }),
      { words: 'Kept until 28 Dec', why: 'Kept for 30 days.' },
    ],
    [stat({ kept_until: Date.parse('2027-01-28T12:00:00.000Z') }), { words: 'Kept until 28 Jan 2027', why: '' }],
    [stat({ kept_why: 'Kept for good.' }), { words: 'Kept for good', why: '' }],
    [stat({ closed: false, kept_why: 'Kept for 30 days.' }), null],
    [stat({}), null],
    [null, null],
  ])('%j', (said, words) => expect(keptWords(said, now)).toEqual(words));
});
