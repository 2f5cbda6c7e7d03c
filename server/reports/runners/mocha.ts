import type { SummaryReader } from './reading.ts';
import { numberOf, total } from './reading.ts';

export const mocha: SummaryReader = (lines) => {
  if (!lines.some((line) => /^\s+\d+ passing \(\d+(?:ms|s|m|h)\)$/.test(line))) return null;
  const sum = total(lines, (line) => {
    if (/^\s+\d+ passing \(/.test(line)) return { failed: 0, passed: numberOf(line, 'passing') };
    return /^\s+\d+ failing$/.test(line) ? { failed: numberOf(line, 'failing'), passed: 0 } : null;
  });
  return sum && { ...sum, names: names(lines) };
};

/** A failed test: `  1) sum`. */
const TITLE = /^ {2}\d+\) (.+)$/;
/** Deeper is nobody's suite; without a bound each title would be looked for in all the lines after it. */
const TITLE_LINES_MOST = 20;

/** `1) sum` and, deeper on the next lines, the rest of the title up to the line that ends with a colon. */
function names(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => /^\s+\d+ failing$/.test(line));
  if (from < 0) return [];
  return lines.slice(from).flatMap((line, at, rest) => {
    const first = TITLE.exec(line)?.[1];
    if (first === undefined) return [];
    if (first.endsWith(':')) return first.slice(0, -1);
    const below = rest.slice(at + 1, at + 1 + TITLE_LINES_MOST);
    const next = below.findIndex((other) => TITLE.test(other));
    const own = next < 0 ? below : below.slice(0, next);
    const parts = own.slice(0, own.findIndex((other) => other.endsWith(':')) + 1).map((part) => part.trim().replace(/:$/, ''));
    return [first, ...parts].join(' ');
  });
}
