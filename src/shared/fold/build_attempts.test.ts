import { expect, test } from 'vitest';
import { decodeEnvelopes } from '../protocol/codec.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { fold } from './fold.ts';
import { runOf } from './runs.ts';
import { EMPTY_STATE, type State } from './state.ts';

const sha = 'a'.repeat(40);
const which = { sha, version: '1.0.0' };
const drawn = {
  kind: 'entity',
  action: 'created',
  entity_type: 'project',
  entity_id: 'hello',
  data: { branch: 'main', build: { retry_interrupted: 2 }, tiers: [] },
};

function told(...events: object[]): State {
  return [drawn, ...events].reduce<State>((state, event) => {
    const stamp = { seq_no: state.seq_no + 1, id: '', at: '2026-11-14T02:03:11.004Z', project: 'hello' };
    const [envelope] = decodeEnvelopes(JSON.stringify([{ ...stamp, ...event }]), PROTOCOL_VERSION);
    if (envelope === undefined) throw new Error('nothing was read');
    return fold(state, envelope);
  }, EMPTY_STATE);
}

const AGAIN = [
  { kind: 'build_start', ...which, run_id: 1 },
  { kind: 'build_failed', ...which, run_id: 1, elapsed_s: 0, failure: { type: 'interrupted' } },
  { kind: 'build_start', ...which, run_id: 2, attempt: 2 },
];

test('a second attempt has the version of the first, its own run, and remembers the first', () => {
  const [project] = told(...AGAIN).projects;
  expect(project?.build).toMatchObject({ run_id: 2, status: 'running', first_run_id: 1 });
  expect(project?.runs.map((run) => [run.attempt, run.status])).toEqual([
    [1, 'failed'],
    [2, 'running'],
  ]);
});

test('a late end of the first attempt ends neither the second nor the build', () => {
  for (const kind of ['build_ok', 'build_failed']) {
    const [project] = told(...AGAIN, { kind, ...which, run_id: 1, elapsed_s: 1 }).projects;
    expect(project?.build).toMatchObject({ run_id: 2, status: 'running' });
    expect(project?.releases).toEqual([]);
  }
});

test('a stuck run is under way, says why, and is stuck no more when it has its end', () => {
  const stuck = [...AGAIN, { kind: 'run_stuck', run_id: 2, reason: 'a defect' }];
  expect(runOf(told(...stuck).projects[0], 2)).toMatchObject({ status: 'running', stuck: { reason: 'a defect' } });
  const ended = runOf(told(...stuck, { kind: 'build_ok', ...which, run_id: 2, elapsed_s: 1 }).projects[0], 2);
  expect(ended).toMatchObject({ status: 'passed' });
  expect(ended).not.toHaveProperty('stuck');
  expect(runOf(told(...AGAIN, { kind: 'run_stuck', run_id: 1, reason: 'late' }).projects[0], 1)).not.toHaveProperty('stuck');
});
