import type { SummaryReader } from './reading.ts';
import { matches, numberOf, total } from './reading.ts';

export const phpunit: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    if (/^OK \(\d+ tests?, /.test(line)) return { failed: 0, passed: numberOf(line, 'tests?') };
    if (!/^Tests: \d+, Assertions: \d+/.test(line)) return null;
    const of = (what: string): number => Number(new RegExp(`\\b${what}: (\\d+)`).exec(line)?.[1] ?? 0);
    const failed = of('Failures') + of('Errors');
    return { failed, passed: of('Tests') - failed - of('Skipped') - of('Incomplete') };
  });
  return sum && { ...sum, names: matches(lines, /^\d+\) (\S+::.+)$/) };
};
