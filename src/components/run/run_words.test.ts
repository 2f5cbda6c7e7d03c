import { describe, expect, test } from 'vitest';
import type { Run } from '../../shared/fold/state.ts';
import { runName } from './run_name.ts';
import { emptyLog, runReason, runStatus } from './run_words.ts';

const START = '2026-11-14T02:00:00.000Z';
const NOW = Date.parse('2026-11-14T02:00:42.000Z');
const run = (more: Record<string, unknown> = {}): Run =>
  ({
    run_id: 42,
    type: 'gate',
    version: '1.4.0',
    sha: null,
    tier: 'staging',
    gate: 'unit_tests',
    gate_kind: 'command',
    node: null,
    attempt: 1,
    status: 'running',
    started_at: START,
    ended_at: null,
    why: null,
    excerpt: [],
    cancelled: null,
    log: null,
    tests: null,
    ...more,
  }) as unknown as Run;
const ended = { ended_at: '2026-11-14T02:00:38.000Z' };

test.each([
  [run(), 'unit_tests'],
  [run({ type: 'build', gate: null }), 'build'],
  [run({ type: 'deploy', gate: null, node: 'prod-1' }), 'deploy to prod-1'],
])('%# is called %s', (of, name) => expect(runName(of)).toBe(name));

test.each<[Record<string, unknown>, string, string]>([
  [{}, 'running', 'Running 0:42'],
  [{ type: 'deploy' }, 'deploying', 'Deploying 0:42'],
  [{ status: 'blocked', gate_kind: 'burn_in' }, 'time', 'Burn-in for 42 s so far'],
  [{ status: 'blocked', gate_kind: 'manual_confirm' }, 'hand', 'Waits for a confirm for 42 s'],
  [{ status: 'passed', ...ended, tests: { passed: 318, failed: 0 } }, 'passed', 'Passed in 38 s, 318 tests'],
  [{ status: 'failed', ...ended, why: { type: 'exit_code', code: 2 } }, 'failed', 'Failed after 38 s'],
  [{ status: 'failed', ...ended, why: { type: 'interrupted' } }, 'interrupted', 'Interrupted after 38 s'],
  [{ status: 'cancelled', ...ended, cancelled: { reason: 'superseded', by: 'system:pipeline' } }, 'stopped', 'Stopped: newer push'],
  [{ status: 'cancelled', ...ended, cancelled: { reason: 'stuck', by: 'local:Ana' } }, 'stopped', 'Cancelled by you: “stuck”'],
  [{ status: 'cancelled', ...ended, cancelled: { reason: 'stuck', by: 'local:Ben' } }, 'stopped', 'Cancelled by Ben: “stuck”'],
])('%j', (more, mark, words) => expect(runStatus(run(more), NOW, 'local:Ana')).toEqual({ mark, words }));

describe('why', () => {
  test('in a sentence, with what it looks like', () => {
    expect(
      runReason(run({ status: 'failed', why: { type: 'tests_failed', failed: 2, passed: 316, names: [], suspect: 'commit' } })),
    ).toEqual({
      headline: '2 of 318 tests failed.',
      suspect: 'Looks like the commit.',
    });
    expect(
      runReason(run({ type: 'deploy', node: 'prod-1', status: 'failed', why: { type: 'health_check', expected: '1.4.0', got: '1.3.9' } }))
        ?.headline,
    ).toBe('prod-1 answered 1.3.9 instead of 1.4.0.');
  });
  test('a run whose end cannot be recorded says so while it is not', () => {
    const stuck = { reason: 'The state has no such run.', at: START };
    expect(runReason(run({ stuck }))?.suspect).toBe(
      'The state has no such run. It is tried again by itself; cancel the run to go on without it.',
    );
    expect(runReason(run({ status: 'passed', stuck }))).toBeNull();
  });
  test('nothing for a run that did not fail', () => expect(runReason(run())).toBeNull());
});

test.each<[Record<string, unknown>, boolean, string, string]>([
  [{ started_at: '2026-11-14T02:00:36.000Z' }, false, '', 'No output yet, started 6 s ago.'],
  [{ status: 'passed', ...ended }, true, '', 'It ended without a line of output.'],
  [{ status: 'passed', ...ended }, false, '', 'There is no log of this run.'],
  [{}, false, 'The log of run 42 cannot be read.', 'The log of run 42 cannot be read.'],
])('an empty log: %j', (more, end, problem, words) => expect(emptyLog(run(more), NOW, end, problem)).toBe(words));
