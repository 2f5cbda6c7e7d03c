import type { SummaryReader } from './reading.ts';
import { matches, numberOf, total } from './reading.ts';

const TESTS = /^\s*Tests {2}(?:no tests|.*\(\d+\))$/;

export const vitest: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    // A file that cannot be loaded fails without any of its tests.
    const suites = /Failed Suites (\d+)/.exec(line)?.[1];
    if (suites !== undefined) return { failed: Number(suites), passed: 0 };
    return TESTS.test(line) ? { failed: numberOf(line, 'failed'), passed: numberOf(line, 'passed') } : null;
  });
  if (!sum || !lines.some((line) => TESTS.test(line))) return null;
  return { ...sum, names: matches(lines, /^\s*FAIL {2}(.+?)(?: \[ .+ \])?$/) };
};
