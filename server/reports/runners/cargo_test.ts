/** cargo test: one summary for each test binary. */
import type { SummaryReader } from './reading.ts';
import { matches, numberOf, total } from './reading.ts';

export const cargoTest: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    return /^test result: /.test(line) ? { failed: numberOf(line, 'failed'), passed: numberOf(line, 'passed') } : null;
  });
  return sum && { ...sum, names: [...matches(lines, /^test (.+) \.\.\. FAILED$/), ...matches(lines, /^---- (.+) stdout ----$/)] };
};
