/**
 * The static checks, in one list: what `npm run check` and `npm test` run. Each is a program of this repository's packages, started by
 * path with the Node that runs this file.
 */
import { capture } from './child.mjs';
import { seconds } from './progress.mjs';

const CHECK_DEADLINE_MS = 600_000;
const CACHE = 'node_modules/.cache/signalbox';

/** @type {readonly { name: string, argv: string[] }[]} longest first, so that two lanes end together */
export const CHECKS = [
  { name: 'eslint', argv: ['eslint/bin/eslint.js', '.', '--cache', '--cache-strategy', 'content', '--cache-location', `${CACHE}/eslint/`] },
  {
    name: 'svelte-check',
    argv: ['svelte-check/bin/svelte-check', '--tsconfig', 'src/tsconfig.json', '--output', 'human', '--fail-on-warnings'],
  },
  { name: 'types: server and tests', argv: tsc('tsconfig.json', 'server') },
  { name: 'types: src/shared alone', argv: tsc('src/shared/tsconfig.json', 'shared') },
  {
    name: 'prettier',
    argv: ['prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn', '--cache', '--cache-location', `${CACHE}/prettier`],
  },
  { name: 'knip', argv: ['knip/bin/knip.js'] },
];

export const ARCHITECTURE = {
  name: 'architecture',
  argv: ['vitest/vitest.mjs', 'run', '--project', 'alone', 'tests/architecture.test.ts'],
};

function tsc(project, name) {
  return ['typescript/bin/tsc', '-p', project, '--incremental', '--tsBuildInfoFile', `${CACHE}/tsc-${name}.tsbuildinfo`];
}

/**
 * Runs the checks in `lanes` at a time, prints a line each and the output of those that fail.
 * @param {string} node path of the Node to run them with
 * @param {readonly { name: string, argv: string[] }[]} checks
 * @param {number} lanes
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks(node, checks, lanes) {
  const waiting = [...checks];
  const counts = { passed: 0, failed: 0 };
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = Date.now();
      const [program, ...rest] = check.argv;
      const { code, output } = await capture(node, [`node_modules/${program}`, ...rest], { deadline_ms: CHECK_DEADLINE_MS });
      counts[code === 0 ? 'passed' : 'failed'] += 1;
      process.stdout.write(`  ${code === 0 ? '✓' : '✗'} ${check.name.padEnd(34)} ${seconds(started)}\n`);
      if (code !== 0) process.stdout.write(`${output.trimEnd()}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return counts;
}
