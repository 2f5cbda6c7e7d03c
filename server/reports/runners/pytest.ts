import type { SummaryReader } from './reading.ts';
import { matches, numberOf, total } from './reading.ts';

/** `=== 1 failed, 2 passed, 1 error in 2.57s ===`; with `-q` without the rules. */
const SUMMARY = /^(?:=+ )?(?:\d+ [a-z ]+(?:, )?)+ in [\d.]+s(?: \([\d:]+\))?(?: =+)?$/;

export const pytest: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    if (!SUMMARY.test(line) || !/\d (?:failed|passed|error|skipped)/.test(line)) return null;
    return { failed: numberOf(line, 'failed') + numberOf(line, 'errors?'), passed: numberOf(line, 'passed') };
  });
  return sum && { ...sum, names: matches(lines, /^(?:FAILED|ERROR) (\S*\.py\b.*?)(?: - .*)?$/) };
};
