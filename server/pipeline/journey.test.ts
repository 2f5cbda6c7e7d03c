import { expect, test } from 'vitest';
import { runOf } from '../../src/shared/fold/runs.ts';
import { tierVerdict } from '../../src/shared/fold/select.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
const types = (l: ReturnType<typeof line>) => pending(l.state).map((effect) => effect.type);

test('a push travels through every tier, and at every station the state owes just the step that comes next', () => {
  const l = line();
  l.push('a1').expectEvents(['rebuild_requested', 'build_start']);
  expect(types(l)).toEqual(['build']);

  l.buildPassed().expectEvents(['build_ok', 'promote_requested', 'promote_complete', 'gate_start']);
  expect(pending(l.state)).toMatchObject([{ type: 'gate', tier: 'host', gate: 'unit_tests', version: versionOf('a1'), run_id: 2 }]);

  l.gatePassed('host', 'unit_tests').expectEvents(['gate_done', 'gate_start']);
  expect(pending(l.state)).toMatchObject([{ type: 'gate', gate: 'boot_smoke' }]);

  l.gatePassed('host', 'boot_smoke').expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
  expect(pending(l.state)).toMatchObject([{ type: 'deploy', tier: 'staging', node: 'staging-1' }]);

  l.deployOk('staging', 'staging-1').expectEvents(['deploy_ok', 'link', 'deploy_start']);
  expect(pending(l.state)).toMatchObject([{ type: 'deploy', node: 'staging-2' }]);

  l.at(5).deployOk('staging', 'staging-2').expectEvents(['deploy_ok', 'link', 'promote_complete', 'gate_start', 'gate_done']);
  expect(pending(l.state)).toMatchObject([{ type: 'burn_in', until: '2026-11-14T02:35:00.000Z' }]);

  l.burnedIn('staging').expectEvents(['gate_done', 'gate_start', 'gate_done']);
  expect(types(l)).toEqual([]);
  expect(tierVerdict(l.tier('staging'))).toMatchObject({ type: 'waits_for_hand', have: 0, need: 1 });

  l.command({ command: 'confirm', tier: 'staging' }).expectEvents(['manual_confirm', 'gate_done', 'promote_requested', 'deploy_start']);
  l.deployOk('production', 'prod-1', 'prod-2').expectEvents(['deploy_ok', 'link', 'promote_complete']);
  expect(types(l)).toEqual([]);
  expect(l.release('a1').satisfied).toEqual(['host', 'staging', 'production']);
  expect(l.tier('production')).toMatchObject({
    move: null,
    next: null,
    intended: { version: versionOf('a1') },
    completed: [versionOf('a1')],
  });
  expect(tierVerdict(l.tier('production')).type).toBe('satisfied');
});

test('deciding and folding leave the state they were given alone', () => {
  const l = line().throughHost('a1');
  const frozen = freeze(structuredClone(l.state));
  l.state = frozen;
  l.deployOk('staging', 'staging-1', 'staging-2').burnedIn('staging').command({ command: 'confirm', tier: 'staging' });
  expect(frozen.seq_no).toBeLessThan(l.state.seq_no);
});

test('what a person sets off is signed by that person, what follows by the pipeline', () => {
  const l = line().toConfirm('a1').command({ command: 'confirm', tier: 'staging' }, 'local:Ana');
  expect(l.commit.map((e) => [e.kind, e.actor])).toEqual([
    ['manual_confirm', 'local:Ana'],
    ['gate_done', 'local:Ana'],
    ['promote_requested', 'system:pipeline'],
    ['deploy_start', 'system:pipeline'],
  ]);
});

test('a tier whose gate failed stops there, and the reason is kept with the run', () => {
  const l = line().push('a1').buildPassed().gateFailed('host', 'unit_tests').expectEvents(['gate_done']);
  expect(tierVerdict(l.tier('host'))).toMatchObject({ type: 'failed', gate: { id: 'unit_tests' } });
  expect(l.gate('host', 'boot_smoke')).toBeUndefined();
  expect(l.tier('staging').next).toBeNull();
  expect(runOf(l.project, 2)).toMatchObject({ status: 'failed', why: { type: 'tests_failed' }, tests: { passed: 316, failed: 2 } });
});

test('a tier without gates is satisfied by its deploy; a tier without nodes and gates by being reached', () => {
  const l = given({ id: 'host' }, { id: 'staging', nodes: ['staging-1'] }, PRODUCTION)
    .push('a1')
    .buildPassed();
  l.expectEvents(['build_ok', 'promote_requested', 'promote_complete', 'promote_requested', 'deploy_start']);
  l.deployOk('staging', 'staging-1').expectEvents(['deploy_ok', 'link', 'promote_complete', 'promote_requested', 'deploy_start']);
});

test('a release does not enter a tier that has no nodes yet', () => {
  const l = given(HOST, { id: 'staging' }).throughHost('a1').expectEvents(['gate_done']);
  expect(l.tier('staging')).toMatchObject({ current: null, next: { version: versionOf('a1') } });
  l.command({ command: 'promote', tier: 'staging' }).refused('not_provisioned');
  l.reload(HOST, STAGING).expectEvents(['entity', 'promote_requested', 'deploy_start']);
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
