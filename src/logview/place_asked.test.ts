import { expect, test } from 'vitest';
import { placeAsked } from './place_asked.ts';

/** A run that began at half past eleven in the evening, a quarter of a second into its minute. */
const START = new Date(2026, 10, 28, 23, 30, 0, 250).getTime();
const asked = (text: string): ReturnType<typeof placeAsked> => placeAsked(text, { start: START, lines: 5_000 });
const onDay = (day: number, hours: number, minutes: number, seconds = 0, ms = 0): number =>
  new Date(2026, 10, day, hours, minutes, seconds, ms).getTime();

test.each([
  ['4711', 4_711],
  [' line 12 ', 12],
  ['4,711', 4_711],
  ['0', 1],
  ['99999999', 5_000],
  ['50 %', 2_500],
  ['0%', 1],
  ['100%', 5_000],
  ['250%', 5_000],
])('%s is a line', (text, n) => expect(asked(text)).toEqual({ type: 'line', n }));

test.each([
  ['23:31', onDay(28, 23, 31)],
  ['23:30', onDay(28, 23, 30)],
  ['23:30:00', onDay(28, 23, 30)],
  ['0:05:10.5', onDay(29, 0, 5, 10, 500)],
  ['23:29:59', onDay(29, 23, 29, 59)],
  ['+90', START + 90_000],
  ['+1:30', START + 90_000],
  ['+1:00:05', START + 3_605_000],
  ['+ 5m', START + 300_000],
  ['+0.5h', START + 1_800_000],
])('%s is a time', (text, at) => expect(asked(text)).toEqual({ type: 'time', at }));

test.each(['', 'abc', '12:', '12:60', '24:00', '1:2', '+', '+x', '-5', '12:30:99', '5 m', '%'])('%j is no place', (text) =>
  expect(asked(text)).toBeNull(),
);
