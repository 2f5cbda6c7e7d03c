import type { SummaryReader } from './reading.ts';
import { numberOf, total } from './reading.ts';

/** The last lines: `2 failed` with a list, `1 flaky`, `1 skipped`, `12 passed (4.0s)`. */
const FAILED = /^ {2}\d+ (?:failed|interrupted)$/;

export const playwright: SummaryReader = (lines) => {
  const sum = total(lines, (line, at) => {
    if (/^ {2}\d+ passed \([\d.]+m?[shm]\)$/.test(line)) return { failed: 0, passed: numberOf(line, 'passed') };
    const listed = FAILED.test(line) && nameIn(lines[at + 1] ?? '') !== undefined;
    return listed ? { failed: numberOf(line, '(?:failed|interrupted)'), passed: 0 } : null;
  });
  return sum && { ...sum, names: names(lines) };
};

function names(lines: readonly string[]): string[] {
  let listing = false;
  return lines.flatMap((line) => {
    const name = nameIn(line);
    listing = FAILED.test(line) || (listing && name !== undefined);
    return listing && name !== undefined ? name : [];
  });
}

/** `    a.spec.ts:3:1 › group › opens ────`. No pattern: one that also skips the rule at the end would look back for ever. */
function nameIn(line: string): string | undefined {
  if (!/^ {4}\S/.test(line) || !line.includes(' › ')) return undefined;
  let end = line.length;
  while (' ─'.includes(line.charAt(end - 1))) end--;
  return line.slice(4, end);
}
