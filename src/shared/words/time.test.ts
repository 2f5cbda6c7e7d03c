import { describe, expect, test } from 'vitest';
import { ago, bothTimes, duration, left, moment, onMoment, roughly, stopwatch, timeOfDay } from './time.ts';

/** A local wall-clock time, so that the tests say the same in every time zone. */
const local = (...parts: [number, number, number, number?, number?, number?]): Date =>
  new Date(parts[0], parts[1] - 1, parts[2], parts[3] ?? 0, parts[4] ?? 0, parts[5] ?? 0);
const iso = (...parts: Parameters<typeof local>): string => local(...parts).toISOString();

describe('durations', () => {
  test.each([
    [0, '0 s'],
    [0.04, '0 s'],
    [0.44, '0.4 s'],
    [0.96, '1 s'],
    [37.6, '38 s'],
    [59.6, '1 min'],
    [130, '2 min 10 s'],
    [1800, '30 min'],
    [3600, '1 h'],
    [3900, '1 h 5 min'],
    [273_600, '3 d 4 h'],
    [-5, '0 s'],
  ])('%d seconds are "%s"', (seconds, words) => expect(duration(seconds)).toBe(words));

  test('at a glance only the larger unit', () => expect(roughly(3900)).toBe('1 h'));

  test.each([
    [0.2, '1 s left'],
    [95, '1 min 35 s left'],
    [661, '12 min left'],
    [3900, '1 h 5 min left'],
  ])('%d seconds to go: "%s"', (seconds, words) => expect(left(seconds)).toBe(words));

  test.each([
    [42.9, '0:42'],
    [725, '12:05'],
    [3723, '1:02:03'],
  ])('a watch after %d seconds shows %s', (seconds, words) => expect(stopwatch(seconds)).toBe(words));
});

describe('moments', () => {
  const now = local(2026, 11, 21, 14, 0).getTime();
  test('today is a time', () => expect(moment(iso(2026, 11, 21, 1, 52), now)).toBe('01:52'));
  test('last night before midnight is a weekday', () => expect(moment(iso(2026, 11, 20, 23, 59), now)).toBe('Friday'));
  test('six days ago is a weekday, seven a date', () => {
    expect(moment(iso(2026, 11, 15, 9), now)).toBe('Sunday');
    expect(moment(iso(2026, 11, 14, 9), now)).toBe('14 Nov');
  });
  test('inside a sentence', () => {
    expect(onMoment(iso(2026, 11, 21, 1, 52), now)).toBe('at 01:52');
    expect(onMoment(iso(2026, 11, 20, 1, 52), now)).toBe('on Friday');
  });
  test('another year is named', () => expect(moment(iso(2025, 11, 14, 9), now)).toBe('14 Nov 2025'));
  test('a server clock ahead of ours still gives a time', () => expect(moment(iso(2026, 11, 21, 14, 1), now)).toBe('14:01'));

  test.each([
    [1, 'just now'],
    [12, '12 s ago'],
    [200, '3 min ago'],
    [8 * 3600, '8 h ago'],
  ])('%d seconds before now: "%s"', (seconds, words) => expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(words));
  test('a day and more is a moment', () => expect(ago(iso(2026, 11, 20, 9), now)).toBe('Friday'));

  test('both clocks', () => {
    const at = iso(2026, 11, 14, 2, 3, 11);
    expect(timeOfDay(at)).toBe('02:03:11');
    expect(bothTimes(at)).toBe(`Sat 14 Nov 2026, 02:03:11 here, ${at.slice(11, 19)} UTC`);
  });
});
