/**
 * Durations and times as the pages say them. Durations are seconds, instants ISO-8601 UTC, `now` milliseconds since 1970; nothing here
 * reads a clock. Local time is the viewer's; weekdays and months are written out here because the copy is English whatever the browser is.
 */
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

const two = (n: number): string => String(n).padStart(2, '0');

/** `0.4 s`, `38 s`, `2 min 10 s`, `30 min`, `1 h 5 min`, `3 d 4 h`: the two largest units, the smaller one left out when it is zero. */
export function duration(seconds: number): string {
  if (seconds >= 0.05 && seconds < 0.95) return `${seconds.toFixed(1)} s`;
  const s = Math.max(0, Math.round(seconds));
  if (s < MINUTE_S) return `${s} s`;
  if (s < HOUR_S) return pair(s, MINUTE_S, 'min', 1, 's');
  if (s < DAY_S) return pair(s, HOUR_S, 'h', MINUTE_S, 'min');
  return pair(s, DAY_S, 'd', HOUR_S, 'h');
}

function pair(s: number, big: number, bigWord: string, small: number, smallWord: string): string {
  const rest = Math.floor((s % big) / small);
  return `${Math.floor(s / big)} ${bigWord}${rest === 0 ? '' : ` ${rest} ${smallWord}`}`;
}

/** `2 min`, `3 h`: one unit, rounded down; for what is read at a glance. */
export function roughly(seconds: number): string {
  return duration(seconds).split(' ').slice(0, 2).join(' ');
}

/** `12 min left`, rounded up so that it never says 0 while there is time. */
export function left(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds));
  const rounded = s < 2 * MINUTE_S ? s : s < HOUR_S ? Math.ceil(s / MINUTE_S) * MINUTE_S : s;
  return `${duration(rounded)} left`;
}

/** A running watch: `0:42`, `12:05`, `1:02:03`. */
export function stopwatch(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor((s % HOUR_S) / MINUTE_S);
  return s < HOUR_S ? `${minutes}:${two(s % MINUTE_S)}` : `${Math.floor(s / HOUR_S)}:${two(minutes)}:${two(s % MINUTE_S)}`;
}

export function secondsBetween(from: string, to: number | string): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}

/** `02:05`, local. */
export function hourMinute(at: string | number): string {
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** `02:05:07`, local. */
export function timeOfDay(at: string | number): string {
  return `${hourMinute(at)}:${two(new Date(at).getSeconds())}`;
}

/** When something began, as short as it stays clear: `01:52` today, `Friday` within the last six days, `14 Nov`, `14 Nov 2025`. */
export function moment(at: string, now: number): string {
  const then = new Date(at);
  const days = calendarDays(then, new Date(now));
  if (days <= 0) return hourMinute(at);
  if (days < 7) return WEEKDAYS[then.getDay()] ?? '';
  return calendarDay(at, now);
}

/** `28 Dec`, `28 Dec 2027` in another year than now; local. */
export function calendarDay(at: string | number, now: number): string {
  const then = new Date(at);
  const day = `${then.getDate()} ${MONTHS[then.getMonth()] ?? ''}`;
  return then.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${then.getFullYear()}`;
}

/** `at 02:06`, `on Friday`, `on 14 Nov`: the same moment inside a sentence. */
export function onMoment(at: string, now: number): string {
  const words = moment(at, now);
  return `${/^\d\d:/.test(words) ? 'at' : 'on'} ${words}`;
}

/** Midnights between the two, local; noon keeps it exact over a change to summer time. */
function calendarDays(from: Date, to: Date): number {
  const noon = (d: Date): number => new Date(d.getFullYear(), d.getMonth(), d.getDate(), 12).getTime();
  return Math.round((noon(to) - noon(from)) / (DAY_S * 1000));
}

/** `just now`, `12 s ago`, `3 min ago`, `5 h ago`; from a day on the moment: `Friday`, `14 Nov`. */
export function ago(at: string, now: number): string {
  const s = secondsBetween(at, now);
  if (s < 2) return 'just now';
  return s < DAY_S ? `${roughly(s)} ago` : moment(at, now);
}

/** Both clocks, for a tooltip: `Sat 14 Nov 2026, 02:03:11 here, 01:03:11 UTC`. */
export function bothTimes(at: string): string {
  const d = new Date(at);
  const weekday = (WEEKDAYS[d.getDay()] ?? '').slice(0, 3);
  return `${weekday} ${d.getDate()} ${MONTHS[d.getMonth()] ?? ''} ${d.getFullYear()}, ${timeOfDay(at)} here, ${d.toISOString().slice(11, 19)} UTC`;
}
