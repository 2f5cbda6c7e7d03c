import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NAME_MAX_CHARS, NAMES_MAX, readSummary } from './summary.ts';

function sample(name: string): string {
  return readFileSync(new URL(`./samples/${name}.txt`, import.meta.url), 'utf8');
}

describe('the words of', () => {
  test.each([
    // node:test counts a parent that fails with its child.
    ['node_tap', { runner: 'node:test', failed: 2, passed: 1, names: ['subtracts'] }],
    ['node_spec', { runner: 'node:test', failed: 2, passed: 1, names: ['subtracts'] }],
    ['vitest', { runner: 'vitest', failed: 2, passed: 1, names: ['broken.test.ts', 'sum.test.ts > sum > carries'] }],
    ['jest', { runner: 'jest', failed: 2, passed: 4, names: ['sum › carries', 'src/broken.test.js'] }],
    ['pytest', { runner: 'pytest', failed: 2, passed: 2, names: ['test_p.py::test_n[2]', 'test_p.py::test_e'] }],
    ['pytest_quiet', { runner: 'pytest', failed: 2, passed: 2, names: ['test_p.py::test_n[2]', 'test_p.py::test_e'] }],
    ['go_verbose', { runner: 'go test', failed: 1, passed: 2, names: ['TestSum/carries'] }],
    ['go_plain', { runner: 'go test', failed: 1, passed: 0, names: ['TestCarries'] }],
    ['go_build', { runner: 'go test', failed: 0, passed: 0, names: [] }],
    ['cargo_test', { runner: 'cargo test', failed: 1, passed: 1, names: ['tests::carries'] }],
    [
      'mocha',
      { runner: 'mocha', failed: 3, passed: 1, names: ['sum carries', 'sum nested overflows', 'top "before all" hook for "opens"'] },
    ],
    [
      'phpunit',
      {
        runner: 'phpunit',
        failed: 2,
        passed: 2,
        names: ['Tests\\SumTest::testOverflows', 'Tests\\SumTest::testCarries with data set #1 (9, 1)'],
      },
    ],
    [
      'playwright',
      { runner: 'playwright', failed: 2, passed: 1, names: ['pw/a.spec.ts:3:1 › fails here', 'pw/a.spec.ts:4:32 › group › times out'] },
    ],
  ])('%s are understood', (name, expected) => {
    expect(readSummary(sample(name))).toEqual(expected);
  });

  test.each([
    ['node:test', '✔ adds (0.8ms)\nℹ tests 1\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\n', 1],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  2 passed (2)\n   Start at  13:56:18\n', 2],
    ['jest', 'Test Suites: 1 passed, 1 total\nTests:       4 passed, 4 total\n', 4],
    ['pytest', '======================== 3 passed, 1 warning in 61.02s (0:01:01) ========================\n', 3],
    ['go test', '--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/a\t0.004s\n', 1],
    ['cargo test', 'test result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: ok. 3 passed; 0 failed; 0 ignored\n', 5],
    ['mocha', '\n  4 passing (2s)\n\n', 4],
    ['phpunit', 'OK (5 tests, 7 assertions)\n', 5],
    ['playwright', '  1 skipped\n  12 passed (4.0s)\n', 12],
  ])('%s are understood when all is well', (runner, text, passed) => {
    expect(readSummary(text)).toEqual({ runner, failed: 0, passed, names: [] });
  });

  test('nobody are no summary', () => {
    expect(readSummary('')).toBeNull();
    expect(readSummary('building\nTests are for tomorrow\n2 passed over\n1 failed to appear\n# passing remarks\n')).toBeNull();
  });
});

test('of two runners in one log the last with failures counts, not the last', () => {
  const vitest = '      Tests  1 failed | 2 passed (3)\n';
  const mocha = '\n  4 passing (2s)\n\n';
  expect(readSummary(`${vitest}${mocha}`)).toMatchObject({ runner: 'vitest', failed: 1 });
  expect(readSummary(`${mocha}${vitest}`)).toMatchObject({ runner: 'vitest', failed: 1 });
  expect(readSummary(`      Tests  3 passed (3)\n${mocha}`)).toMatchObject({ runner: 'mocha' });
});

test('a flaky test of playwright is listed, but did not fail', () => {
  const text = '  1 failed\n    a.spec.ts:3:1 › opens ────\n  1 flaky\n    a.spec.ts:9:1 › closes ────\n  2 passed (4.0s)\n';
  expect(readSummary(text)).toMatchObject({ failed: 1, passed: 2, names: ['a.spec.ts:3:1 › opens'] });
});

test('workspaces add up', () => {
  expect(readSummary('Tests:       1 failed, 4 passed, 5 total\nTests:       2 failed, 3 passed, 5 total\n')).toMatchObject({
    failed: 3,
    passed: 7,
  });
});

test('names are few, short and said once', () => {
  const names = Array.from({ length: 100 }, (_, at) => `FAILED test_p.py::test_${at}${'x'.repeat(500)} - assert\n`.repeat(2));
  const summary = readSummary(`${names.join('')}100 failed in 1.00s\n`);
  expect(summary?.names).toHaveLength(NAMES_MAX);
  expect(new Set(summary?.names).size).toBe(NAMES_MAX);
  expect(summary?.names.every((name) => name.length <= NAME_MAX_CHARS)).toBe(true);
});

test('a tail made to make patterns look back for long is read in time', () => {
  const traps = [
    '1 a',
    '=',
    ' › ─',
    '    a › ',
    'not ok 1 - a\n',
    '--- FAIL: a/b\n',
    'sh: x: ',
    '\x1b]',
    '  1) a\n',
    '  1 failing\n',
    '\r',
  ];
  const from = performance.now();
  for (const trap of traps) readSummary(trap.repeat(Math.ceil(262_144 / trap.length)));
  // Some tens of milliseconds each; the patterns this guards against took minutes.
  expect(performance.now() - from).toBeLessThan(20_000);
});

test('a title of mocha that has no end is its first line alone, and takes nothing of the next', () => {
  const log = `  1 passing (1ms)\n  3 failing\n\n  1) x\n  2) y\n${'    deeper\n'.repeat(30)}  3) z\n    end:\n`;
  expect(readSummary(log)).toMatchObject({ runner: 'mocha', names: ['x', 'y', 'z end'] });
});
