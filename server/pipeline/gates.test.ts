import { describe, expect, test } from 'vitest';
import { runOf } from '../../src/shared/fold/runs.ts';
import { attemptsOf, gateStatus, tierVerdict } from '../../src/shared/fold/select.ts';
import type { GateKind } from '../../src/shared/fold/topology.ts';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
const hello = ProjectId.parse('hello');
const retry = { command: 'retry_gate', tier: 'host', gate: 'unit_tests' } as const;

describe('a retry', () => {
  const failed = () => line().push('a1').buildPassed().gateFailed('host', 'unit_tests');

  test('runs the gate again; the attempts are kept; what follows, follows', () => {
    const l = failed().command(retry).expectEvents(['gate_retry_requested', 'gate_start']);
    expect(l.gate('host', 'unit_tests')).toMatchObject({ status: 'running', attempt: 2 });
    l.gateFailed('host', 'unit_tests').command(retry).gatePassed('host', 'unit_tests').expectEvents(['gate_done', 'gate_start']);
    expect(attemptsOf(l.project, 'host', 'unit_tests', versionOf('a1')).map((run) => [run.attempt, run.status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'passed'],
    ]);
    l.gatePassed('host', 'boot_smoke').expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
    expect(l.release('a1')).toMatchObject({ satisfied: ['host'], failed: [] });
  });

  test('is refused of a gate that did not fail, runs, or does not exist', () => {
    const l = failed();
    l.command({ ...retry, gate: 'boot_smoke' }).refused('not_failed');
    l.command({ ...retry, gate: 'lint' }).refused('unknown_gate');
    l.command({ ...retry, expect: { version: versionOf('b2'), sha: shaOf('b2') } }).refused('replaced');
    l.command(retry).command(retry).refused('busy');
  });
});

describe('a gate that was interrupted', () => {
  test('looks interrupted, can be retried, and says nothing about the release', () => {
    const l = line()
      .push('a1')
      .buildPassed()
      .gateEnded('host', 'unit_tests', { status: 'failed', classification: { type: 'interrupted' } });
    l.expectEvents(['gate_done']);
    expect(gateStatus(l.tier('host'), l.tier('host').gates[0]!)).toBe('interrupted');
    expect(l.release('a1').failed).toEqual([]);
    l.command(retry).expectEvents(['gate_retry_requested', 'gate_start']);
  });
});

describe('cancel', () => {
  test('of a gate stops it with who and why', () => {
    const l = line().push('a1').buildPassed();
    const run_id = l.gateRun('host', 'unit_tests');
    l.command({ command: 'cancel_run', run_id, reason: 'it hangs' }).expectEvents(['run_cancelled']);
    expect(l.commit[0]).toMatchObject({ reason: 'cancelled', comment: 'it hangs', gate: 'unit_tests', actor: 'local:Ana' });
    expect(l.decision).toMatchObject({ run_id });
    expect(tierVerdict(l.tier('host'))).toMatchObject({ type: 'cancelled', by: 'local:Ana' });
    expect(pending(l.state)).toEqual([]);
    expect(l.tier('host').hand_only).toBeNull(); // nobody can promote into the first tier
    expect(l.at(1).command({ command: 'cancel_run', run_id }).refused('settled')).toMatchObject({
      by: 'local:Ana',
      at: '2026-11-14T02:00:00.000Z',
    });
    l.command(retry).expectEvents(['gate_retry_requested', 'gate_start']);
  });

  test('of a build keeps the reason', () => {
    const l = line().push('a1').command({ command: 'cancel_run', run_id: 1, reason: 'wrong branch' }).expectEvents(['build_aborted']);
    expect(l.commit[0]).toMatchObject({ reason: 'cancelled', comment: 'wrong branch' });
    expect(l.project.build?.status).toBe('aborted');
    expect(pending(l.state)).toEqual([]);
  });

  test('of a deploy ends the promote', () => {
    const l = line().throughHost('a1');
    l.command({ command: 'cancel_run', run_id: l.deployRun('staging', 'staging-1') }).expectEvents(['run_cancelled', 'promote_failed']);
    expect(l.commit[1]).toMatchObject({ node: 'staging-1', reason: 'cancelled' });
    expect(pending(l.state)).toEqual([]);
  });

  test('of a burn-in stops the release there', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    l.command({ command: 'cancel_run', run_id: l.gateRun('staging', 'burn_in') }).expectEvents(['run_cancelled']);
    expect(pending(l.state)).toEqual([]);
    l.command({ command: 'retry_gate', tier: 'staging', gate: 'burn_in' }).expectEvents([
      'gate_retry_requested',
      'gate_start',
      'gate_done',
    ]);
  });

  test('of a confirm is refused: it is rejected instead', () => {
    const l = line().toConfirm('a1');
    l.command({ command: 'cancel_run', run_id: l.gateRun('staging', 'manual_confirm') }).refused('not_cancellable');
  });

  test('of a run that does not exist is refused', () => {
    line().command({ command: 'cancel_run', run_id: 7 }).refused('unknown_run');
  });
});

describe('burn-in', () => {
  test('is over when its time has come, not before', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    const over = { fact: 'burn_in_elapsed', project: hello, run_id: l.gateRun('staging', 'burn_in') } as const;
    l.at(29).fact(over).expectNothing().at(30).fact(over).expectEvents(['gate_done', 'gate_start', 'gate_done']);
    expect(l.commit[0]).toMatchObject({ outcome: { status: 'passed', elapsed_s: 1800 } });
    l.fact(over).expectNothing();
  });

  test('of a run that is no burn-in is not over', () => {
    const l = line().push('a1').buildPassed();
    l.fact({ fact: 'burn_in_elapsed', project: hello, run_id: l.gateRun('host', 'unit_tests') }).expectNothing();
  });
});

describe('the first word about a run wins', () => {
  test('a gate that ends twice, or after it was stopped', () => {
    const l = line().push('a1').buildPassed();
    const passed = { fact: 'gate_ended', project: hello, run_id: l.gateRun('host', 'unit_tests'), outcome: { status: 'passed' } } as const;
    l.gateFailed('host', 'unit_tests').fact(passed).expectNothing();
    const m = line().push('a1').buildPassed().push('b2');
    m.fact(passed).expectNothing();
    expect(runOf(m.project, passed.run_id)?.status).toBe('cancelled');
  });

  test('a deploy that ends twice, or after it was stopped', () => {
    const l = line().throughHost('a1');
    const ended = {
      fact: 'deploy_ended',
      project: hello,
      run_id: l.deployRun('staging', 'staging-1'),
      elapsed_s: 1,
      log: null,
      failure: null,
      excerpt: [],
    } as const;
    l.command({ command: 'cancel_run', run_id: ended.run_id }).fact(ended).expectNothing();
    expect(l.node('staging', 'staging-1').deployed).toBeNull();
    l.fact({ ...ended, run_id: 1 }).expectNothing();
  });

  test('a gate that says it is blocked is not done', () => {
    const l = line()
      .push('a1')
      .buildPassed()
      .gateEnded('host', 'unit_tests', { status: 'blocked', blockers: [{ type: 'waits_for_machine' }] });
    expect(runOf(l.project, l.gateRun('host', 'unit_tests'))?.status).toBe('blocked');
    l.gatePassed('host', 'unit_tests').expectEvents(['gate_done', 'gate_start']);
  });
});

describe('the config changes', () => {
  test('a gate that is gone is no longer waited for, and its run ends', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    const run_id = l.gateRun('staging', 'burn_in');
    l.reload(HOST, { ...STAGING, gates: [STAGING.gates![1]!] }, PRODUCTION).expectEvents([
      'entity',
      'run_cancelled',
      'gate_start',
      'gate_done',
    ]);
    expect(runOf(l.project, run_id)).toMatchObject({ status: 'cancelled', cancelled: { reason: 'removed' } });
    expect(pending(l.state)).toEqual([]);
  });

  describe('a gate becomes one of another kind while it runs', () => {
    const checked = (kind: GateKind) => given({ id: 'host', gates: [{ id: 'check', kind, for_s: 60 }] });
    const changed = (from: GateKind, to: GateKind) =>
      checked(from)
        .push('a1')
        .buildPassed()
        .reload({ id: 'host', gates: [{ id: 'check', kind: to }] });

    test.each(['manual_confirm', 'burn_in'] as const)('its process ends when it is a %s now; retried, it is what it is now', (kind) => {
      const l = changed('command', kind).expectEvents(['entity', 'run_cancelled']);
      expect(pending(l.state)).toEqual([]);
      l.command({ command: 'retry_gate', tier: 'host', gate: 'check' }).expectEvents(['gate_retry_requested', 'gate_start', 'gate_done']);
      expect(tierVerdict(l.tier('host')).type).toBe(kind === 'burn_in' ? 'waits_for_time' : 'waits_for_hand');
    });

    test('it goes on as it began when something still ends it', () => {
      changed('command', 'http_check').expectEvents(['entity']).gatePassed('host', 'check');
      changed('burn_in', 'command').expectEvents(['entity']).burnedIn('host', 'check');
      changed('manual_confirm', 'command').expectEvents(['entity']).command({ command: 'confirm', tier: 'host' });
    });
  });

  test('a release that only waited for a gate that is gone is satisfied', () => {
    const l = line()
      .toConfirm('a1')
      .reload(HOST, { ...STAGING, gates: [STAGING.gates![0]!] }, PRODUCTION);
    l.expectEvents(['entity', 'run_cancelled', 'promote_requested', 'deploy_start']);
    expect(l.release('a1').satisfied).toEqual(['host', 'staging']);
  });

  test('a gate that is new keeps back the release that stood before the next tier, until it has passed that too', () => {
    const manual = { ...PRODUCTION, auto_promote: false };
    const e2e = { id: 'e2e', kind: 'command' } as const;
    const l = given(HOST, STAGING, manual).toConfirm('a1').command({ command: 'confirm', tier: 'staging' });
    l.reload(HOST, { ...STAGING, gates: [...STAGING.gates!, e2e] }, manual).expectEvents(['entity', 'gate_start']);
    expect(l.tier('production').next).toBeNull();
    l.gateEnded('staging', 'e2e', { status: 'failed', classification: { type: 'interrupted' } });
    expect(l.command({ command: 'promote', tier: 'production' }).refused('gates_missing').missing).toEqual(['e2e']);
    l.command({ command: 'retry_gate', tier: 'staging', gate: 'e2e' }).gatePassed('staging', 'e2e');
    l.command({ command: 'promote', tier: 'production' }).expectEvents(['promote_requested', 'deploy_start']);
  });

  test('a gate that is new says nothing of the release that a rollback has put back', () => {
    const manual = { ...PRODUCTION, auto_promote: false };
    const l = given(HOST, STAGING, manual).toConfirm('a1').command({ command: 'confirm', tier: 'staging' }).toConfirm('b2');
    l.command({ command: 'rollback', tier: 'staging' }).deployOk('staging', 'staging-1', 'staging-2');
    l.reload(HOST, { ...STAGING, gates: [...STAGING.gates!, { id: 'e2e', kind: 'command' }] }, manual).expectEvents(['entity']);
    l.command({ command: 'promote', tier: 'production', version: versionOf('a1') }).expectEvents(['promote_requested', 'deploy_start']);
  });

  test('a tier that is new is not passed over by the release that waited for the one after', () => {
    const empty = { ...PRODUCTION, nodes: [] };
    const l = given(HOST, STAGING, empty).toConfirm('a1').command({ command: 'confirm', tier: 'staging' });
    expect(l.tier('production').next?.version).toBe(versionOf('a1'));
    const canary = { id: 'canary', nodes: ['canary-1'], gates: [{ id: 'burn_in', kind: 'burn_in', for_s: 3600 }] } as const;
    l.reload(HOST, STAGING, canary, PRODUCTION).expectEvents(['entity', 'promote_requested', 'deploy_start']);
    expect(l.tier('canary').current?.version).toBe(versionOf('a1'));
    l.deployOk('canary', 'canary-1').burnedIn('canary').expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
  });

  test('a tier that is gone leaves the release waiting for the one after', () => {
    const manual = { ...PRODUCTION, auto_promote: false };
    const l = given(HOST, STAGING, { id: 'canary', nodes: ['canary-1'] }, manual);
    l.toConfirm('a1').command({ command: 'confirm', tier: 'staging' }).deployOk('canary', 'canary-1');
    const { next } = l.tier('production');
    l.at(300).reload(HOST, STAGING, manual);
    expect(l.tier('production').next).toEqual(next);
  });

  test('a first tier that is new gets the release that waited for the one that was first', () => {
    const confirm = { command: 'confirm', tier: 'host' } as const;
    const host = { id: 'host', gates: [{ id: 'manual_confirm', kind: 'manual_confirm' }] } as const;
    const l = given(host).push('a1').buildPassed().push('b2').buildPassed();
    expect(l.tier('host').next?.version).toBe(versionOf('b2'));
    const lint = { id: 'lint', gates: [{ id: 'lint', kind: 'command' }] } as const;
    l.reload(lint, { ...host, nodes: ['host-1'] }).expectEvents(['entity', 'promote_requested', 'promote_complete', 'gate_start']);
    expect(l.tier('host').next).toBeNull();
    l.command(confirm).expectEvents(['manual_confirm', 'gate_done']);
    l.gatePassed('lint', 'lint').expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
    expect(l.tier('host').current?.version).toBe(versionOf('b2'));
  });

  test('a node that is gone is deployed to no longer', () => {
    const l = line()
      .throughHost('a1')
      .reload(HOST, { ...STAGING, nodes: ['staging-2'] }, PRODUCTION)
      .expectEvents(['entity', 'run_cancelled', 'deploy_start']);
    expect(pending(l.state)).toMatchObject([{ type: 'deploy', node: 'staging-2' }]);
    expect(l.tier('staging').hand_only).toBeNull();
  });

  test('says nothing new about a release that has waited for hours', () => {
    const manual = { ...PRODUCTION, auto_promote: false };
    const l = given(HOST, STAGING, manual).toConfirm('a1').command({ command: 'confirm', tier: 'staging' });
    const { next } = l.tier('production');
    l.at(300).reload(HOST, STAGING, manual, { id: 'moon' });
    expect(l.tier('production').next).toEqual(next);
  });

  test('an event about the whole server lets every project go on', () => {
    const l = given(HOST, { ...STAGING, auto_promote: false }, PRODUCTION).throughHost('a1');
    const tiers = l.project.tiers.map(({ id, canary, gates, nodes }) => ({
      id,
      canary,
      gates,
      nodes: nodes.map((n) => ({ id: n.id, health: n.health })),
      auto_promote: true,
    }));
    l.fact({
      fact: 'events',
      project: '*',
      events: [{ kind: 'entity', action: 'updated', entity_type: 'project', entity_id: 'hello', data: { branch: 'main', tiers } }],
    });
    l.expectEvents(['entity', 'promote_requested', 'deploy_start']);
  });
});
