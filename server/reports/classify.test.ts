import { describe, expect, test } from 'vitest';
import { classify, testCounts } from './classify.ts';
import type { JUnitSummary } from './junit.ts';

const FAILING = '✖ sum.test.ts\n FAIL  sum.test.ts > carries\nAssertionError: expected 10 to be 11\n      Tests  1 failed | 2 passed (3)\n';
const exit = (code: number) => ({ type: 'exit', code }) as const;
const report = (failed: number): JUnitSummary => ({
  passed: 7,
  failed,
  skipped: 0,
  failures: failed > 0 ? [{ name: 'a > b', message: 'boom' }] : [],
});

describe('a run that did not pass', () => {
  test('because tests failed', () => {
    expect(classify({ end: exit(1), tail: FAILING })).toEqual({
      classification: { type: 'tests_failed', failed: 1, passed: 2, names: ['sum.test.ts > carries'], suspect: 'commit' },
      excerpt: ['AssertionError: expected 10 to be 11'],
      suspect: 'commit',
    });
  });

  test('takes the report before the words, unless it knows of no failure and they do', () => {
    expect(classify({ end: exit(1), tail: FAILING, junit: report(3) })).toMatchObject({
      classification: { type: 'tests_failed', failed: 3, passed: 7, names: ['a > b'] },
      excerpt: ['a > b: boom'],
    });
    expect(classify({ end: exit(1), tail: FAILING, junit: report(0) })).toMatchObject({
      classification: { type: 'tests_failed', failed: 1 },
    });
    expect(classify({ end: exit(0), tail: '', junit: report(1) })).toMatchObject({ classification: { type: 'tests_failed', failed: 1 } });
  });

  test('although all tests passed is called by its exit code', () => {
    const tail = 'ERROR: Coverage for lines (79%) does not meet threshold (80%)\n      Tests  3 passed (3)\n';
    expect(classify({ end: exit(1), tail, junit: report(0) })).toMatchObject({
      classification: { type: 'exit_code', code: 1 },
      excerpt: ['ERROR: Coverage for lines (79%) does not meet threshold (80%)'],
      suspect: 'commit',
    });
  });

  test.each([
    [
      { type: 'signal', name: 'SIGSEGV' },
      { type: 'signal', name: 'SIGSEGV', suspect: 'commit' },
    ],
    [
      { type: 'signal', name: 'SIGKILL' },
      { type: 'signal', name: 'SIGKILL', suspect: 'machine' },
    ],
    [
      { type: 'signal', name: 'SIGTERM' },
      { type: 'signal', name: 'SIGTERM', suspect: 'unknown' },
    ],
    [
      { type: 'timeout', after_s: 600 },
      { type: 'timeout', after_s: 600, suspect: 'unknown' },
    ],
    [
      { type: 'spawn', message: 'The folder /x does not exist.' },
      { type: 'spawn', message: 'The folder /x does not exist.', suspect: 'machine' },
    ],
    [{ type: 'aborted' }, { type: 'interrupted', suspect: 'unknown' }],
    [exit(2), { type: 'exit_code', code: 2, suspect: 'commit' }],
    [exit(127), { type: 'exit_code', code: 127, suspect: 'unknown' }],
    [exit(137), { type: 'exit_code', code: 137, suspect: 'machine' }],
    [exit(143), { type: 'exit_code', code: 143, suspect: 'unknown' }],
  ] as const)('%j', (end, classification) => {
    expect(classify({ end, tail: 'working\n' }).classification).toEqual(classification);
  });

  test('shows where it stood when it was stopped, and the sentence when it never ran', () => {
    const tail = 'Error: survived\nstep 1\nstep 2\nstep 3\n';
    expect(classify({ end: { type: 'timeout', after_s: 1 }, tail }).excerpt).toEqual(['step 1', 'step 2', 'step 3']);
    expect(classify({ end: { type: 'spawn', message: 'No shell.' }, tail: '' }).excerpt).toEqual(['No shell.']);
  });
});

describe('the machine is suspected', () => {
  test.each([
    'write error: No space left on device',
    'Error: ENOSPC: no space left on device, write',
    'fork: Cannot allocate memory',
    'Memory cgroup out of memory: Killed process 812 (node)',
    'Error: EMFILE: too many open files',
    'touch: cannot touch x: Read-only file system',
    'npm error network request to https://registry.example.com failed, reason: getaddrinfo EAI_AGAIN registry.example.com',
    "fatal: unable to access 'https://example.com/': Could not resolve host: example.com",
    'curl: (7) Failed to connect to example.com port 443: Connection refused',
    'dial tcp 10.0.0.1:443: i/o timeout',
  ])('when it says: %s', (line) => {
    expect(classify({ end: exit(1), tail: `${line}\n` }).suspect).toBe('machine');
  });

  test('for a full disk also when tests fail of it, for a network only when no test does', () => {
    expect(classify({ end: exit(1), tail: `Error: ENOSPC\n${FAILING}` }).suspect).toBe('machine');
    expect(classify({ end: exit(1), tail: `Error: ECONNRESET\n${FAILING}` }).suspect).toBe('commit');
  });

  test.each([
    'Error: connect ECONNREFUSED 127.0.0.1:4101',
    'connect to localhost:5432: Connection refused',
    `Error: ENOSPC${'\nworking'.repeat(300)}`,
  ])('but not when it says: %s', (tail) => {
    expect(classify({ end: exit(1), tail }).suspect).toBe('commit');
  });
});

test('counts are there for a run that passed too', () => {
  expect(testCounts('      Tests  3 passed (3)\n')).toEqual({ passed: 3, failed: 0 });
  expect(testCounts('', report(0))).toEqual({ passed: 7, failed: 0 });
  expect(testCounts('hello\n')).toBeNull();
});
