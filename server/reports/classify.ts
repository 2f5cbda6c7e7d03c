/**
 * Says why a run did not pass: from its end, the end of its log and, if it wrote one, its test report.
 *
 * Invariant: it is pure and always answers. A wrong guess costs an operator a look into the log; so what is not known is called unknown,
 * and a machine is suspected only for signs that code does not cause. It refuses to turn a failure into a pass.
 */
import type { KnownClassification, Suspect } from '../../src/shared/protocol/outcome.ts';
import type { RunEnd } from '../runner/port.ts';
import { excerptOf, EXCERPT_MAX_LINES, lastOf, shorten } from './excerpt.ts';
import type { JUnitSummary } from './junit.ts';
import { plainLines } from './plain_lines.ts';
import type { TestSummary } from './summary.ts';
import { shortNames, summaryOf } from './summary.ts';
import { saysExhausted, saysUnreachable } from './suspect.ts';

export interface Evidence {
  end: RunEnd;
  /** The end of the log, as stored: masked. What is taken from it goes into the event log. */
  tail: string;
  junit?: JUnitSummary;
}

export interface Finding {
  /** Carries the suspect too. */
  classification: KnownClassification;
  /** At most three lines that say why. */
  excerpt: string[];
  suspect: Suspect;
}

export function classify({ end, tail, junit }: Evidence): Finding {
  const lines = plainLines(tail);
  const tests = end.type === 'exit' ? testsOf(lines, junit) : null;
  const failed = tests && tests.failed > 0 ? tests : null;
  const suspect = suspectOf(end, failed !== null, lines);
  return { classification: { ...cause(end, failed), suspect }, excerpt: why(end, lines, junit), suspect };
}

/** How many tests ran, for a run that passed too. @returns null when nothing tells. */
export function testCounts(tail: string, junit?: JUnitSummary): { passed: number; failed: number } | null {
  const tests = testsOf(plainLines(tail), junit);
  return tests && { passed: tests.passed, failed: tests.failed };
}

/** A report was written to be read by programs, so it goes before the words; but not when it knows of no failure and they do. */
function testsOf(lines: readonly string[], junit: JUnitSummary | undefined): TestSummary | null {
  const said = summaryOf(lines);
  if (!junit || (junit.failed === 0 && said && said.failed > 0)) return said;
  const names = shortNames(junit.failures.map((failure) => failure.name));
  return { runner: 'junit', failed: junit.failed, passed: junit.passed, names };
}

function cause(end: RunEnd, failed: TestSummary | null): KnownClassification {
  switch (end.type) {
    case 'exit':
      if (failed) return { type: 'tests_failed', failed: failed.failed, passed: failed.passed, names: failed.names };
      return { type: 'exit_code', code: end.code };
    case 'signal':
      return { type: 'signal', name: end.name };
    case 'timeout':
      return { type: 'timeout', after_s: end.after_s };
    case 'spawn':
      return { type: 'spawn', message: end.message };
    case 'aborted':
      return { type: 'interrupted' };
    default:
      return end satisfies never;
  }
}

/** Exit codes of a shell whose command was ended by a signal: 128 + its number. */
const KILLED = 137;
const STOPPED = [129, 130, 143];
/** Not executable, not found: a tool the machine lacks, or a slip in the script. */
const NO_COMMAND = [126, 127];

function suspectOf(end: RunEnd, tests_failed: boolean, lines: readonly string[]): Suspect {
  if (end.type === 'spawn') return 'machine';
  if (end.type === 'aborted') return 'unknown';
  if (saysExhausted(lines)) return 'machine';
  if (tests_failed) return 'commit';
  // Nobody here sends KILL to a run that is not over its time: the kernel does, when memory runs out.
  if (end.type === 'signal' ? end.name === 'SIGKILL' : end.type === 'exit' && end.code === KILLED) return 'machine';
  if (saysUnreachable(lines)) return 'machine';
  switch (end.type) {
    case 'timeout':
      return 'unknown';
    case 'signal':
      return ['SIGTERM', 'SIGINT', 'SIGHUP'].includes(end.name) ? 'unknown' : 'commit';
    case 'exit':
      return [0, ...STOPPED, ...NO_COMMAND].includes(end.code) ? 'unknown' : 'commit';
    default:
      return end satisfies never;
  }
}

function why(end: RunEnd, lines: readonly string[], junit: JUnitSummary | undefined): string[] {
  if (end.type === 'spawn') return shorten([end.message]);
  if (end.type === 'timeout' || end.type === 'aborted') return lastOf(lines);
  const reported = junit?.failures
    .slice(0, EXCERPT_MAX_LINES)
    .map(({ name, message }) => (message === null ? name : `${name}: ${message}`));
  return reported && reported.length > 0 ? shorten(reported) : excerptOf(lines);
}
