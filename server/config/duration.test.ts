import { expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

it.each([
  ['30m', 1_800_000],
  ['20s', 20_000],
  ['1h30m', 5_400_000],
  ['1h30m5s', 5_405_000],
  ['500ms', 500],
  ['1s500ms', 1500],
  ['7d', 604_800_000],
  ['366d', 366 * 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '30', 'm', '30 m', '30min', '-5s', '1.5h', '30m1h', '5s5s', '0s', '367d', '1h-30m', ' 5s', '5S'])(
  '%j is not a duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
