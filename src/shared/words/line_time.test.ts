import { expect, test } from 'vitest';
import { lineTime, nextTimes, TIMES, TIMES_COLUMNS } from './line_time.ts';

const AT = new Date(2026, 10, 14, 2, 3, 11, 7).getTime();
const S = 1000;
const H = 3_600 * S;

test('local time of day', () => expect(lineTime('clock', { at: AT, start: 0, before: null })).toBe('02:03:11.007'));

test.each([
  [0, '0:00.000'],
  [42_120, '0:42.120'],
  [725_000, '12:05.000'],
  [H + 123_004, '1:02:03.004'],
  [100 * H, '100:00:00'],
  [-5, '0:00.000'],
])('since the start: %d ms', (ms, words) => expect(lineTime('start', { at: AT + ms, start: AT, before: null })).toBe(words));

test.each([
  [0, '+0.000'],
  [12, '+0.012'],
  [59_999, '+59.999'],
  [725_120, '+12:05.120'],
  [H + 123_004, '+1:02:03'],
  [-120, '−0.120'],
])('since the line before: %d ms', (ms, words) => expect(lineTime('before', { at: AT + ms, start: 0, before: AT })).toBe(words));

test('what is not known is left out', () => {
  expect(lineTime('clock', { at: null, start: AT, before: AT })).toBe('');
  expect(lineTime('before', { at: AT, start: AT, before: null })).toBe('');
  expect(lineTime('off', { at: AT, start: AT, before: AT })).toBe('');
});

test('all words of a kind fit into its columns', () => {
  for (const times of TIMES)
    for (const ms of [0, 59_999, 60_000, H - 1, H, 99 * H, 100 * H, 999 * H])
      expect(lineTime(times, { at: AT + ms, start: AT, before: AT }).length).toBeLessThanOrEqual(TIMES_COLUMNS[times]);
});

test('the key goes round', () => {
  expect(TIMES.map(nextTimes)).toEqual(['clock', 'start', 'before', 'off']);
});
