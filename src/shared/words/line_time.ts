/**
 * The time of a line of a log, as it stands beside it: local time of day, since the start of the run, or since the line before. Times are ms since the epoch.
 * Words of one kind fit into the same number of columns, so that nothing moves when they change.
 */
import { bothTimes, stopwatch, timeOfDay } from './time.ts';

export const TIMES = ['off', 'clock', 'start', 'before'] as const;
export type Times = (typeof TIMES)[number];

export const TIMES_NAMES: Readonly<Record<Times, string>> = {
  off: 'No times',
  clock: 'Time of day',
  start: 'Since the start',
  before: 'Since the line before',
};

/** Columns of a fixed-width font. */
export const TIMES_COLUMNS: Readonly<Record<Times, number>> = { off: 0, clock: 12, start: 12, before: 10 };

/** A line that came so much later than the one before it is worth seeing. */
export const LONG_PAUSE_MS = 5_000;

const HOUR_MS = 3_600_000;
const HOURS_WITH_MS = 100;

/** What the key goes on to. */
export function nextTimes(times: Times): Times {
  return TIMES[(TIMES.indexOf(times) + 1) % TIMES.length] ?? 'off';
}

export interface LineMoment {
  at: number | null;
  /** Start of the run. */
  start: number;
  /** Of the line before; null when it is not known, or there is none. */
  before: number | null;
}

/** The time of a line as it is drawn. */
export interface TimeCell {
  words: string;
  /** '' when it is not known. */
  iso: string;
  title: string;
  isLong: boolean;
}

export function timeCell(times: Times, moment: LineMoment): TimeCell {
  const { at, before } = moment;
  const iso = at === null ? '' : new Date(at).toISOString();
  return {
    words: lineTime(times, moment),
    iso,
    title: iso === '' ? '' : bothTimes(iso),
    isLong: times === 'before' && at !== null && before !== null && at - before >= LONG_PAUSE_MS,
  };
}

/** '' when it is not known. */
export function lineTime(times: Times, { at, start, before }: LineMoment): string {
  if (at === null) return '';
  switch (times) {
    case 'off':
      return '';
    case 'clock':
      return `${timeOfDay(at)}.${thousandths(new Date(at).getMilliseconds())}`;
    case 'start':
      return elapsed(Math.max(0, at - start));
    case 'before':
      return before === null ? '' : pause(at - before);
    default:
      return times satisfies never;
  }
}

/** `0:42.120`, `1:02:03.004`, `100:00:00`. */
function elapsed(ms: number): string {
  const whole = stopwatch(ms / 1000);
  return ms < HOURS_WITH_MS * HOUR_MS ? `${whole}.${thousandths(Math.floor(ms) % 1000)}` : whole;
}

/** `+0.012`, `+12:05.120`, `+1:02:03`; a clock that was set back gives `−0.120`. */
function pause(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const long = Math.abs(ms);
  if (long < 60_000) return `${sign}${Math.floor(long / 1000)}.${thousandths(Math.floor(long) % 1000)}`;
  return `${sign}${long < HOUR_MS ? elapsed(long) : stopwatch(long / 1000)}`;
}

const thousandths = (ms: number): string => String(ms).padStart(3, '0');
