import type { SummaryReader } from './reading.ts';
import { numberOf, total } from './reading.ts';

const NOT_LOADED = 'Test suite failed to run';

export const jest: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    return /^Tests: .*total$/.test(line) ? { failed: numberOf(line, 'failed'), passed: numberOf(line, 'passed') } : null;
  });
  if (!sum) return null;
  const { tests, files } = failures(lines);
  // A file that cannot be loaded fails without any of its tests.
  return { ...sum, failed: sum.failed + files.size, names: [...tests, ...files] };
};

function failures(lines: readonly string[]): { tests: string[]; files: Set<string> } {
  const tests: string[] = [];
  const files = new Set<string>();
  let file = '';
  for (const line of lines) {
    file = /^FAIL\s+(\S.*?)(?: \([\d.]+ m?s\))?$/.exec(line)?.[1] ?? file;
    const bullet = /^ {2}● (.+)$/.exec(line)?.[1];
    if (bullet === NOT_LOADED) files.add(file);
    else if (bullet !== undefined && bullet !== 'Console') tests.push(bullet);
  }
  return { tests, files };
}
