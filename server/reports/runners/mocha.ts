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

/** `1) sum` and, deeper on the next lines, the rest of the title up to the line that ends with a colon. */
function names(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => /^\s+\d+ failing$/.test(line));
  if (from < 0) return [];
  return lines.slice(from).flatMap((line, at, rest) => {
    const first = /^ {2}\d+\) (.+)$/.exec(line)?.[1];
    if (first === undefined) return [];
    if (first.endsWith(':')) return first.slice(0, -1);
    const end = rest.findIndex((other, place) => place > at && other.endsWith(':'));
    const parts = rest.slice(at + 1, end < 0 ? at + 1 : end + 1).map((part) => part.trim().replace(/:$/, ''));
    return [first, ...parts].join(' ');
  });
}
