/** go test. Passed tests are named with `-v` only; without it nothing says how many there were. */
import type { SummaryReader } from './reading.ts';
import { matches } from './reading.ts';

const PACKAGE = /^(?:ok {2}|FAIL)\t\S+\t/;

export const goTest: SummaryReader = (lines) => {
  const line = lines.findLastIndex((text) => PACKAGE.test(text));
  if (line < 0) return null;
  const failed = leaves(matches(lines, /^\s*--- FAIL: (\S+)/));
  const passed = leaves(matches(lines, /^\s*--- PASS: (\S+)/));
  return { failed: failed.length, passed: passed.length, names: failed, line };
};

/** A test with subtests is listed beside them: `TestSum`, `TestSum/carries`. */
function leaves(names: readonly string[]): string[] {
  const parents = new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))));
  return names.filter((name) => !parents.has(name));
}
