/** Reads what a test runner said at the end of its output: how many tests failed and passed, and which failed. */
import { plainLines } from './plain_lines.ts';
import { cargoTest } from './runners/cargo_test.ts';
import { goTest } from './runners/go_test.ts';
import { jest } from './runners/jest.ts';
import { mocha } from './runners/mocha.ts';
import { nodeTest } from './runners/node_test.ts';
import { phpunit } from './runners/phpunit.ts';
import { playwright } from './runners/playwright.ts';
import { pytest } from './runners/pytest.ts';
import type { Reading, SummaryReader } from './runners/reading.ts';
import { vitest } from './runners/vitest.ts';

export const NAMES_MAX = 20;
export const NAME_MAX_CHARS = 200;

export interface TestSummary {
  /** Whose words these are; `junit` when a report was read. */
  runner: string;
  failed: number;
  /** 0 also when the runner does not say (go test without -v). */
  passed: number;
  /** The first failed tests, at most `NAMES_MAX`. */
  names: string[];
}

const READERS: Readonly<Record<string, SummaryReader>> = {
  'node:test': nodeTest,
  vitest,
  jest,
  pytest,
  'go test': goTest,
  'cargo test': cargoTest,
  mocha,
  phpunit,
  playwright,
};

/** @param tail the end of the log. @returns null when no known runner wrote a summary there. */
export function readSummary(tail: string): TestSummary | null {
  return summaryOf(plainLines(tail));
}

/** Of several runners in one log the last that had failures decided how the run ended. */
export function summaryOf(lines: readonly string[]): TestSummary | null {
  let best: { runner: string; reading: Reading } | null = null;
  for (const [runner, read] of Object.entries(READERS)) {
    const reading = read(lines);
    if (reading && (!best || weight(reading) > weight(best.reading))) best = { runner, reading };
  }
  if (!best) return null;
  const { failed, passed, names } = best.reading;
  return { runner: best.runner, failed, passed, names: shortNames(names) };
}

function weight({ failed, line }: Reading): number {
  return (failed > 0 ? 1e9 : 0) + line;
}

/** The first few, each once. */
export function shortNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.slice(0, NAME_MAX_CHARS)))].slice(0, NAMES_MAX);
}
