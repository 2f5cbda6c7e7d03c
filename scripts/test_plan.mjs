/**
 * `npm test`: the checks and the unit tests side by side, then the pages and the end-to-end tests. Counts what the runners counted; a
 * runner that fails without a failed test (a file that does not load, an error after the last test) counts as one failure.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { CHECKS, runChecks } from './checks.mjs';
import { Sorry, seconds } from './progress.mjs';
import { ensureWeb } from './web.mjs';

const UNIT_DEADLINE_MS = 1_200_000;
const E2E_DEADLINE_MS = 1_200_000;

/** @param {string} root of the repository. @param {string} node @returns {Promise<number>} the exit code */
export async function runTests(root, node) {
  const started = Date.now();
  const reports = mkdtempSync(join(tmpdir(), 'signalbox-reports-'));
  try {
    const [checks, unit] = await Promise.all([runChecks(node, CHECKS, 1), runUnit(root, node, join(reports, 'unit.json'))]);
    const e2e = await runE2e(root, node, join(reports, 'e2e.json'));
    const rows = Object.entries({ checks, 'unit tests': unit, 'end-to-end tests': e2e });
    process.stdout.write(
      `\n${rows.map(([name, counts]) => `  ${name.padEnd(18)} ${told(counts)}\n`).join('')}  took ${seconds(started)}\n`,
    );
    const passed = rows.reduce((sum, [, counts]) => sum + counts.passed, 0);
    const failed = rows.reduce((sum, [, counts]) => sum + counts.failed, 0);
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

function told({ passed, failed, skipped = 0 }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function runUnit(root, node, report) {
  const started = Date.now();
  const argv = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const { code, output } = await capture(node, argv, { deadline_ms: UNIT_DEADLINE_MS });
  const counts = vitestCounts(code, readReport(report));
  process.stdout.write(`  ${counts.failed === 0 ? '✓' : '✗'} ${'unit tests'.padEnd(34)} ${seconds(started)}   ${told(counts)}\n`);
  if (counts.failed > 0) process.stdout.write(`${output.trimEnd()}\n\n`);
  return counts;
}

async function runE2e(root, node, report) {
  try {
    await ensureWeb(root, node);
  } catch (error) {
    if (!(error instanceof Sorry)) throw error;
    process.stdout.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
  process.stdout.write('  End-to-end tests\n');
  const argv = [join(root, 'node_modules/playwright/cli.js'), 'test', '--reporter=list,json'];
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const { code } = await capture(node, argv, { deadline_ms: E2E_DEADLINE_MS, env, live: true });
  return playwrightCounts(code, readReport(report));
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null; // the runner ended before it could report; its exit code and output tell
  }
}

/** @param {number} code the runner's exit code. @param {any} report vitest's JSON report, or null. */
export function vitestCounts(code, report) {
  return orOneFailure(code, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  });
}

/** @param {number} code the runner's exit code. @param {any} report Playwright's JSON report, or null. A flaky test passed in the end, but is not counted as good. */
export function playwrightCounts(code, report) {
  const stats = report?.stats ?? {};
  return orOneFailure(code, {
    passed: stats.expected ?? 0,
    failed: (stats.unexpected ?? 0) + (stats.flaky ?? 0),
    skipped: stats.skipped ?? 0,
  });
}

function orOneFailure(code, counts) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
