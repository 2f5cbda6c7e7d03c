/** What a reader types to go somewhere in a log: a line, a time of day, a time since the start, a share of the log. */

export type PlaceAsked = { type: 'line'; n: number } | { type: 'time'; at: number };

export const PLACES_IN_WORDS = 'A line (4711), a time (02:03:11), a time since the start (+1:30) or a share of the log (50 %).';

const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, '': 1_000 };

/**
 * @param start of the run, ms since the epoch: times of day are the first after it, in the reader's time zone.
 * @param lines of the log; what lies beyond is its last line.
 * @returns null for anything else.
 */
export function placeAsked(text: string, { start, lines }: { start: number; lines: number }): PlaceAsked | null {
  const asked = text.trim();
  const line = /^(?:line )?(\d[\d,. ]*)$/i.exec(asked)?.[1];
  if (line !== undefined) return atLine(Number(line.replaceAll(/[,. ]/g, '')), lines);
  const share = /^(\d+(?:\.\d+)?) ?%$/.exec(asked)?.[1];
  if (share !== undefined) return atLine(Math.round((Number(share) / 100) * lines), lines);
  if (asked.startsWith('+')) {
    const since = sinceStart(asked.slice(1).trim());
    return since === null ? null : { type: 'time', at: start + since };
  }
  const clock = clockMs(asked);
  return clock === null || clock >= DAY_MS ? null : { type: 'time', at: firstAfter(start, clock) };
}

function atLine(n: number, lines: number): PlaceAsked {
  return { type: 'line', n: Math.max(1, Math.min(lines, n)) };
}

/** `1:30` is a minute and a half here, `90`, `90s`, `5m`, `1h` are what they say; ms. */
function sinceStart(text: string): number | null {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?(h|m|s|)$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS_MS[unit] ?? 0);
  const [, minutes, seconds] = /^(\d+):([0-5]\d(?:\.\d{1,3})?)$/.exec(text) ?? [];
  return minutes === undefined ? clockMs(text) : Number(minutes) * 60_000 + Math.round(Number(seconds) * 1_000);
}

/** Hours, minutes and, if it says so, seconds; ms. */
function clockMs(text: string): number | null {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  return Math.round(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000);
}

function firstAfter(start: number, clock: number): number {
  const at = new Date(start);
  at.setHours(0, 0, 0, clock);
  // On the second that was meant, though the run began within it.
  if (at.getTime() < Math.floor(start / 1_000) * 1_000) at.setDate(at.getDate() + 1);
  return at.getTime();
}
