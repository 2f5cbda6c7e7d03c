/** node:test, both its `spec` reporter and TAP; TAP also of others that end with `# pass` and `# fail` (tap, tape). */
import type { SummaryReader } from './reading.ts';
import { total } from './reading.ts';

/** `failureType` comes early among the details of a failed test. */
const DETAIL_LINES = 12;
const COUNT = /^(?:ℹ|#) (pass|fail|cancelled)\s+(\d+)$/;

export const nodeTest: SummaryReader = (lines) => {
  const sum = total(lines, (line) => {
    const [, what, number] = COUNT.exec(line) ?? [];
    if (what === undefined) return null;
    return what === 'pass' ? { passed: Number(number), failed: 0 } : { passed: 0, failed: Number(number) };
  });
  return sum && { ...sum, names: [...specNames(lines), ...tapNames(lines)] };
};

/** In the list at the end each name follows the line that says where the test stands. */
function specNames(lines: readonly string[]): string[] {
  return lines.flatMap((line, at) => (lines[at - 1]?.startsWith('test at ') ? (/^✖ (.+?)(?: \([\d.]+ms\))?$/.exec(line)?.[1] ?? []) : []));
}

function tapNames(lines: readonly string[]): string[] {
  return lines.flatMap((line, at) => {
    const name = /^\s*not ok \d+ (?:- )?(.+)$/.exec(line)?.[1];
    if (name === undefined || /# (?:todo|skip)\b/i.test(name)) return [];
    // A parent fails with its child; the child's name says more.
    const details = lines.slice(at + 1, at + 1 + DETAIL_LINES);
    const end = details.findIndex((other) => other.trim() === '...');
    return details.slice(0, Math.max(0, end)).some((other) => other.includes("'subtestsFailed'")) ? [] : name;
  });
}
