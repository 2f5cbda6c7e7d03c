/** Durations as people write them: `30m`, `20s`, `1h30m`, `500ms`, `7d`; units from large to small, each at most once. */
export const DURATION_PATTERN = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Beyond a year it is a slip of the finger. */
export const LONGEST_DURATION_MS = 366 * 86_400_000;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1000, 1];

/** @returns milliseconds; null when it is not a duration, is zero, or is longer than `LONGEST_DURATION_MS`. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return null;
  const ms = UNITS_MS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
  return ms > 0 && ms <= LONGEST_DURATION_MS ? ms : null;
}
