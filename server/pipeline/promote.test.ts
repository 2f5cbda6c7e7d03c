import { describe, expect, test } from 'vitest';
import { nextWaitsFor } from '../../src/shared/fold/entry.ts';
import { runOf } from '../../src/shared/fold/runs.ts';
import { tierVerdict } from '../../src/shared/fold/select.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
const byHand = () => given(HOST, STAGING, { ...PRODUCTION, auto_promote: false });

describe('a tier is a block', () => {
  test('ten pushes during one burn-in: the newest waits, the first reaches its confirm', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    for (let n = 0; n < 10; n++) {
      l.throughHost(`b${n}`).expectEvents(['gate_done']);
      expect(l.tier('staging')).toMatchObject({ current: { version: versionOf('a1') }, next: { version: versionOf(`b${n}`) } });
    }
    expect(nextWaitsFor(l.project, l.tier('staging'))).toEqual({ why: 'occupied', by: versionOf('a1') });
    l.burnedIn('staging');
    expect(tierVerdict(l.tier('staging')).type).toBe('waits_for_hand');
    l.command({ command: 'confirm', tier: 'staging' });
    expect(l.tier('staging')).toMatchObject({ current: { version: versionOf('b9') }, next: null });
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
    expect(pending(l.state).map((e) => e.type)).toEqual(['deploy', 'deploy']);
  });

  test('a release whose gate failed decides nothing more: the next one enters', () => {
    const l = line().toConfirm('a1').command({ command: 'confirm', tier: 'staging' }).deployFailed('production', 'prod-1');
    expect(isHandOnly(l, 'production')).toBe(true);
    const m = given(HOST, { ...STAGING, gates: [{ id: 'e2e', kind: 'command' }] })
      .throughHost('a1')
      .deployOk('staging', 'staging-1', 'staging-2');
    m.throughHost('b2').gateFailed('staging', 'e2e').expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
  });
});

describe('promotion by itself', () => {
  test('does not happen where it was not asked for; then Promote is possible', () => {
    const l = byHand().toConfirm('a1').command({ command: 'confirm', tier: 'staging' }).expectEvents(['manual_confirm', 'gate_done']);
    expect(nextWaitsFor(l.project, l.tier('production'))).toEqual({ why: 'manual' });
    l.command({ command: 'promote', tier: 'production' }).expectEvents(['promote_requested', 'deploy_start']);
    expect(l.tier('production').current).toMatchObject({ entry: 'promote', by: 'local:Ana' });
  });

  test('happens once per release and tier', () => {
    const l = line().toProduction('a1').toProduction('b2');
    l.command({ command: 'promote', tier: 'staging', version: versionOf('a1') })
      .deployOk('staging', 'staging-1', 'staging-2')
      .burnedIn('staging');
    l.command({ command: 'confirm', tier: 'staging' }).expectEvents(['manual_confirm', 'gate_done']);
    expect(l.tier('production')).toMatchObject({ current: { version: versionOf('b2') }, next: null });
    l.command({ command: 'promote', tier: 'production' }).expectEvents(['promote_requested', 'deploy_start']);
  });

  test('never follows a promotion by hand of the same release: a redeploy in staging moves nothing in production', () => {
    const l = given(HOST, { ...STAGING, gates: [] }, { ...PRODUCTION, auto_promote: false });
    for (const sha of ['a1', 'b2']) {
      l.throughHost(sha)
        .deployOk('staging', 'staging-1', 'staging-2')
        .command({ command: 'promote', tier: 'production' })
        .deployOk('production', 'prod-1', 'prod-2');
    }
    l.command({ command: 'promote', tier: 'staging', version: versionOf('a1') }).deployOk('staging', 'staging-1', 'staging-2');
    l.reload(HOST, { ...STAGING, gates: [] }, PRODUCTION).observed('staging', 'staging-1', 'differs', 'b2');
    l.command({ command: 'redeploy', tier: 'staging' }).deployOk('staging', 'staging-1').expectEvents(['deploy_ok', 'promote_complete']);
    expect(l.tier('production').current?.version).toBe(versionOf('b2'));
  });

  const stopped: [string, () => ReturnType<typeof line>, string][] = [
    ['a failed deploy', () => line().throughHost('a1').deployFailed('staging', 'staging-1'), 'deploy_failed'],
    ['a cancelled deploy', () => cancelDeploy(line().throughHost('a1')), 'cancelled'],
    ['a cancelled burn-in', () => cancelBurnIn(line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2')), 'cancelled'],
    ['a reject', () => line().toConfirm('a1').command({ command: 'confirm', tier: 'staging', decision: 'reject' }), 'rejected'],
    [
      'a rollback',
      () => line().toProduction('a1').throughHost('b2').command({ command: 'rollback', tier: 'staging' }).deployOk('staging', 'staging-1'),
      'rolled_back',
    ],
  ];
  test.each(stopped)('stops after %s, until a hand has promoted', (_, after, why) => {
    const l = after();
    expect(l.tier('staging').hand_only?.why).toBe(why);
    l.throughHost('c3').expectEvents(['gate_done']);
    expect(nextWaitsFor(l.project, l.tier('staging'))?.why).toBe('hand_only');
    l.command({ command: 'promote', tier: 'staging' }).expectEvents(['promote_requested', 'deploy_start']);
    expect(l.tier('staging')).toMatchObject({ hand_only: null, current: { version: versionOf('c3') } });
  });

  test('says who cancelled, not that the pipeline did', () => {
    expect(cancelDeploy(line().throughHost('a1')).tier('staging').hand_only).toMatchObject({ why: 'cancelled', by: 'local:Ana' });
  });

  test('into the first tier goes on with the next push, whatever became of the one before', () => {
    const l = given({ ...HOST, nodes: ['host-1'] })
      .push('a1')
      .buildPassed()
      .deployFailed('host', 'host-1');
    l.push('b2').buildPassed().expectEvents(['build_ok', 'promote_requested', 'deploy_start']);
  });
});

describe('a promotion by hand', () => {
  test('may replace an unsettled release, whose gate is cancelled as superseded', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').throughHost('b2');
    const burn_in = l.gateRun('staging', 'burn_in');
    l.command({ command: 'promote', tier: 'staging' }).expectEvents(['run_cancelled', 'promote_requested', 'deploy_start']);
    expect(l.commit[0]).toMatchObject({ run_id: burn_in, reason: 'superseded' });
    expect(runOf(l.project, burn_in)).toMatchObject({ status: 'cancelled', cancelled: { reason: 'superseded', by: 'local:Ana' } });
    expect(l.tier('staging').hand_only).toBeNull();
  });

  test('cancels a waiting confirm too', () => {
    const l = line().toConfirm('a1').throughHost('b2').command({ command: 'promote', tier: 'staging' });
    l.expectEvents(['run_cancelled', 'promote_requested', 'deploy_start']);
    expect(l.commit[0]).toMatchObject({ gate: 'manual_confirm' });
  });

  test('is refused while a deploy or a gate process runs there, with who and since when', () => {
    const l = line().throughHost('a1').throughHost('b2').command({ command: 'promote', tier: 'staging' });
    expect(l.refused('busy')).toMatchObject({ by: 'system:pipeline', at: '2026-11-14T02:00:00.000Z' });
    const gates = given(HOST, { ...STAGING, gates: HOST.gates! })
      .throughHost('a1')
      .deployOk('staging', 'staging-1', 'staging-2')
      .throughHost('b2');
    expect(gates.command({ command: 'promote', tier: 'staging' }).refused('busy').message).toContain('unit_tests');
  });

  test('is refused with the list of what is missing', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    expect(l.command({ command: 'promote', tier: 'production' }).refused('gates_missing').missing).toEqual(['burn_in', 'manual_confirm']);
    l.burnedIn('staging');
    expect(l.command({ command: 'promote', tier: 'production' }).refused('gates_missing').missing).toEqual(['manual_confirm']);
  });

  test('of a release that has not even reached the tier before is refused', () => {
    const l = line()
      .push('a1')
      .buildPassed()
      .command({ command: 'promote', tier: 'production', version: versionOf('a1') });
    expect(l.refused('gates_missing').missing).toEqual(['burn_in', 'manual_confirm']);
  });

  test('is refused when another release is meant than the operator saw', () => {
    const l = byHand().toConfirm('a1').command({ command: 'confirm', tier: 'staging' });
    const seen = { version: versionOf('b2'), sha: shaOf('b2') };
    expect(l.command({ command: 'promote', tier: 'production', expect: seen }).refused('replaced').message).toContain(versionOf('a1'));
  });

  test.each([
    ['unknown_tier', { tier: 'moon' }],
    ['nothing_to_promote', { tier: 'host' }],
    ['unknown_release', { tier: 'staging', version: '9.9.9' }],
    ['unknown_project', { tier: 'staging', project: 'other' }],
  ] as const)('is refused as %s for %o', (code, what) => {
    line()
      .throughHost('a1')
      .command({ command: 'promote', ...what })
      .refused(code);
  });

  test('is refused when no release has reached the tier before', () => {
    expect(
      line()
        .throughHost('a1')
        .deployFailed('staging', 'staging-1')
        .command({ command: 'promote', tier: 'production' })
        .refused('gates_missing').missing,
    ).toEqual(['burn_in', 'manual_confirm']);
    line().push('a1').command({ command: 'promote', tier: 'staging' }).refused('nothing_to_promote');
  });

  test('of the release that runs there already is refused, unless its burn-in is to begin again', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').at(10);
    l.command({ command: 'promote', tier: 'staging' }).refused('already_there');
    l.command({ command: 'promote', tier: 'staging', reset_burn_in: true }).expectEvents([
      'run_cancelled',
      'promote_requested',
      'deploy_start',
    ]);
    l.at(12).deployOk('staging', 'staging-1', 'staging-2');
    expect(l.gate('staging', 'burn_in')).toMatchObject({ status: 'burning_in', until: '2026-11-14T02:42:00.000Z' });
  });

  test('of the release that a rollback put back lets it pass its gates again', () => {
    const l = line()
      .toProduction('a1')
      .throughHost('b2')
      .command({ command: 'rollback', tier: 'staging' })
      .deployOk('staging', 'staging-1');
    l.command({ command: 'promote', tier: 'staging', version: versionOf('a1') }).deployOk('staging', 'staging-1', 'staging-2');
    expect(l.gate('staging', 'burn_in')?.status).toBe('burning_in');
  });

  test('of a release that entered before keeps the time it has burned in', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').observed('staging', 'staging-2', 'differs');
    l.at(10).command({ command: 'redeploy', tier: 'staging' }).deployFailed('staging', 'staging-2');
    for (const minutes of [20, 25]) {
      l.at(minutes).command({ command: 'promote', tier: 'staging' }).deployOk('staging', 'staging-1', 'staging-2');
      expect(l.gate('staging', 'burn_in')).toMatchObject({ status: 'burning_in', until: '2026-11-14T02:30:00.000Z' });
      l.observed('staging', 'staging-2', 'differs').command({ command: 'redeploy', tier: 'staging' }).deployFailed('staging', 'staging-2');
    }
  });
});

describe('a release that is to pass the gates of a tier again', () => {
  const again = { command: 'promote', tier: 'staging', version: versionOf('b2'), reset_burn_in: true } as const;
  const confirm = { command: 'confirm', tier: 'staging' } as const;
  const into = { command: 'promote', tier: 'production' } as const;
  const burning = (l: ReturnType<typeof line>) =>
    l.toConfirm('b2').command(confirm).command(again).deployOk('staging', 'staging-1', 'staging-2');

  test('goes no further while it burns in again', () => {
    const l = burning(byHand());
    expect(l.command(into).refused('gates_missing').missing).toEqual(['burn_in', 'manual_confirm']);
    l.burnedIn('staging').command(confirm).command(into).expectEvents(['promote_requested', 'deploy_start']);
  });

  test('goes no further when it is rejected then', () => {
    const l = burning(byHand())
      .burnedIn('staging')
      .command({ ...confirm, decision: 'reject' });
    expect(l.release('b2')).toMatchObject({ satisfied: ['host'], failed: ['staging'] });
    expect(l.command(into).refused('gates_missing').missing).toEqual(['manual_confirm']);
  });

  test('no longer waits to enter the tier after; it does when it has passed them', () => {
    const occupied = () => {
      const l = given(HOST, STAGING, { ...PRODUCTION, gates: [{ id: 'manual_confirm', kind: 'manual_confirm' }] }).toProduction('a1');
      return burning(l).burnedIn('staging');
    };
    const l = occupied().command({ ...confirm, decision: 'reject' });
    l.command({ command: 'confirm', tier: 'production' }).expectEvents(['manual_confirm', 'gate_done']);
    const m = occupied().command(confirm);
    m.command({ command: 'confirm', tier: 'production' }).expectEvents([
      'manual_confirm',
      'gate_done',
      'promote_requested',
      'deploy_start',
    ]);
  });

  test('has nothing to pass again after a rollback has put it back', () => {
    const l = byHand().toConfirm('a1').command(confirm).toConfirm('b2');
    l.command({ command: 'rollback', tier: 'staging' }).deployOk('staging', 'staging-1', 'staging-2');
    l.command({ ...into, version: versionOf('a1') }).expectEvents(['promote_requested', 'deploy_start']);
  });
});

describe('a hotfix', () => {
  const hot = { command: 'promote', tier: 'production', hotfix: true } as const;
  const burning = () =>
    given(HOST, { ...STAGING, gates: [STAGING.gates![1]!, STAGING.gates![0]!] }, PRODUCTION)
      .throughHost('a1')
      .deployOk('staging', 'staging-1', 'staging-2')
      .command({ command: 'confirm', tier: 'staging' });

  test('needs a reason', () => {
    burning().command(hot).refused('reason_required');
  });

  test('skips the burn-in, and the signal says who and why', () => {
    const l = burning()
      .command({ ...hot, reason: 'checkout is down' })
      .expectEvents(['gate_done', 'promote_requested', 'deploy_start']);
    expect(l.gate('staging', 'burn_in')).toMatchObject({
      status: 'passed',
      by: 'local:Ana',
      outcome: { skipped: { by: 'local:Ana', reason: 'checkout is down' } },
    });
    expect(l.tier('production').current?.hotfix).toEqual({ by: 'local:Ana', reason: 'checkout is down' });
    expect(l.release('a1').satisfied).toContain('staging');
    expect(pending(l.state).map((e) => e.type)).toEqual(['deploy']);
  });

  test('skips nothing but the burn-in', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    expect(l.command({ ...hot, reason: 'checkout is down' }).refused('gates_missing').missing).toEqual(['manual_confirm']);
  });

  test('into a tier that burns in skips that burn-in too, visibly', () => {
    const l = given(HOST, { ...STAGING, auto_promote: false }, PRODUCTION).throughHost('a1');
    l.command({ command: 'promote', tier: 'staging', hotfix: true, reason: 'now' }).deployOk('staging', 'staging-1', 'staging-2');
    l.expectEvents(['deploy_ok', 'link', 'promote_complete', 'gate_start', 'gate_done', 'gate_start', 'gate_done']);
    expect(l.gate('staging', 'burn_in')).toMatchObject({ status: 'passed', by: 'local:Ana', outcome: { skipped: { reason: 'now' } } });
    expect(tierVerdict(l.tier('staging')).type).toBe('waits_for_hand');
  });

  test('for the release that burns in there ends that burn-in where it is, with a reason, and the confirm is still asked for', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    const here = { command: 'promote', tier: 'staging', version: versionOf('a1'), hotfix: true } as const;
    l.command(here).refused('reason_required');
    l.command({ ...here, reason: 'checkout is down' }).expectEvents(['gate_done', 'gate_start', 'gate_done']);
    expect(l.gate('staging', 'burn_in')).toMatchObject({
      status: 'passed',
      outcome: { skipped: { by: 'local:Ana', reason: 'checkout is down' } },
    });
    expect(tierVerdict(l.tier('staging')).type).toBe('waits_for_hand');
    l.command({ ...here, reason: 'again' }).refused('already_there');
  });
});

function isHandOnly(l: ReturnType<typeof line>, tier: string): boolean {
  return l.tier(tier).hand_only !== null;
}

function cancelDeploy(l: ReturnType<typeof line>): ReturnType<typeof line> {
  return l.command({ command: 'cancel_run', run_id: l.deployRun('staging', 'staging-1') });
}

function cancelBurnIn(l: ReturnType<typeof line>): ReturnType<typeof line> {
  return l.command({ command: 'cancel_run', run_id: l.gateRun('staging', 'burn_in') });
}
