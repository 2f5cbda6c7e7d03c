import { describe, expect, test } from 'vitest';
import { holdOn, rollbackTargets } from '../../src/shared/fold/entry.ts';
import { isMixed } from '../../src/shared/fold/nodes.ts';
import { tierVerdict } from '../../src/shared/fold/select.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const SHIP = { ...STAGING, gates: [] };
const line = () => given(HOST, SHIP, PRODUCTION);
const toProduction = (l: ReturnType<typeof line>, sha: string) =>
  l.throughHost(sha).deployOk('staging', 'staging-1', 'staging-2').deployOk('production', 'prod-1', 'prod-2');
const back = { command: 'rollback', tier: 'production' } as const;
const deploying = (l: ReturnType<typeof line>) => pending(l.state).flatMap((e) => (e.type === 'deploy' ? [e.node] : []));

describe('after a promote that stopped half way', () => {
  const half = () =>
    toProduction(line(), 'a1')
      .throughHost('b2')
      .deployOk('staging', 'staging-1', 'staging-2')
      .deployOk('production', 'prod-1')
      .deployFailed('production', 'prod-2');

  test('the tier is mixed, and says which node and why', () => {
    const l = half().expectEvents(['deploy_failed', 'link', 'promote_failed']);
    expect(l.commit[2]).toMatchObject({ node: 'prod-2', failure: { type: 'health_check' } });
    expect(isMixed(l.tier('production'))).toBe(true);
    expect(tierVerdict(l.tier('production'))).toMatchObject({ type: 'deploy_failed', failure: { node: 'prod-2' } });
    expect(l.tier('production').current).toMatchObject({ deployed: 'failed', failure: { run_id: l.deployRun('production', 'prod-2') } });
  });

  test('a rollback returns the nodes that deviate: the one it reached and the one that broke', () => {
    const l = half().command(back).expectEvents(['release_held', 'rollback_requested', 'deploy_start']);
    expect(l.commit[1]).toMatchObject({ from: versionOf('b2'), to: versionOf('a1'), nodes: ['prod-1', 'prod-2'] });
    l.deployOk('production', 'prod-1', 'prod-2').expectEvents(['deploy_ok', 'link', 'rollback']);
    expect(l.tier('production')).toMatchObject({
      current: { version: versionOf('a1'), entry: 'rollback' },
      intended: { version: versionOf('a1') },
      last_rollback: { by: 'local:Ana' },
    });
  });

  test('the node that broke is put back even when it answers as the old release: nobody knows what is on it', () => {
    const l = half().observed('production', 'prod-2', 'differs', 'a1').command(back);
    expect(l.commit[1]).toMatchObject({ nodes: ['prod-1', 'prod-2'] });
  });

  test('a node that the promote never reached is left alone', () => {
    const l = toProduction(line(), 'a1')
      .throughHost('b2')
      .deployOk('staging', 'staging-1', 'staging-2')
      .deployFailed('production', 'prod-1');
    l.command(back);
    expect(deploying(l)).toEqual(['prod-1']);
    l.deployOk('production', 'prod-1').expectEvents(['deploy_ok', 'link', 'rollback']);
  });
});

describe('a rollback while a deploy is in flight', () => {
  const flying = () => toProduction(line(), 'a1').throughHost('b2').deployOk('staging', 'staging-1', 'staging-2');

  test('stops it by the same command and puts that node back too, whatever it answered before', () => {
    const l = flying();
    const flight = l.deployRun('production', 'prod-1');
    l.command(back).expectEvents(['run_cancelled', 'link', 'release_held', 'rollback_requested', 'deploy_start']);
    expect(l.commit[0]).toMatchObject({ run_id: flight, reason: 'rolled_back', node: 'prod-1' });
    expect(deploying(l)).toEqual(['prod-1']);
    expect(l.deployRun('production', 'prod-1')).not.toBe(flight);
  });

  test('of a gate stops that', () => {
    const l = given(HOST, SHIP, { ...PRODUCTION, gates: [{ id: 'e2e', kind: 'command' }] });
    toProduction(l, 'a1').gatePassed('production', 'e2e');
    toProduction(l, 'b2').command(back);
    expect(l.commit[0]).toMatchObject({ kind: 'run_cancelled', gate: 'e2e', reason: 'rolled_back' });
    expect(pending(l.state).map((e) => e.type)).toEqual(['deploy']);
    l.deployOk('production', 'prod-1', 'prod-2').expectEvents(['deploy_ok', 'link', 'link', 'rollback']);
    expect(tierVerdict(l.tier('production')).type).toBe('rolled_back');
  });

  test('is not pressed twice', () => {
    expect(flying().command(back).command(back).refused('busy').message).toContain('is being put back');
  });
});

describe('the hold', () => {
  test('keeps the release out here and in later tiers, from the first moment of the rollback', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').deployOk('production', 'prod-1', 'prod-2');
    l.throughHost('b2').command({ command: 'rollback', tier: 'staging', reason: '5xx on checkout' });
    const version = versionOf('b2');
    expect(holdOn(l.project, l.tier('host'), version)).toBeUndefined();
    expect(holdOn(l.project, l.tier('staging'), version)?.hold).toMatchObject({ by: 'local:Ana', reason: '5xx on checkout' });
    expect(holdOn(l.project, l.tier('production'), version)?.tier.id).toBe('staging');
    l.deployOk('staging', 'staging-1');
    expect(l.command({ command: 'promote', tier: 'staging', version }).refused('held')).toMatchObject({ by: 'local:Ana' });
    expect(l.command({ command: 'promote', tier: 'production', version }).refused('held').message).toContain('staging');
  });

  test('takes the release away from the place before a later tier', () => {
    const l = given(HOST, SHIP, { ...PRODUCTION, auto_promote: false })
      .throughHost('a1')
      .deployOk('staging', 'staging-1', 'staging-2');
    l.throughHost('b2').deployOk('staging', 'staging-1', 'staging-2');
    expect(l.tier('production').next?.version).toBe(versionOf('b2'));
    l.command({ command: 'rollback', tier: 'staging' });
    expect(l.tier('production').next).toBeNull();
  });

  describe('set while the release is put on the nodes of a later tier', () => {
    const redeploy = { command: 'redeploy', tier: 'production' } as const;
    const setOnStaging = (l: ReturnType<typeof line>) =>
      l.command({ command: 'rollback', tier: 'staging' }).deployOk('staging', 'staging-1', 'staging-2');
    const flying = () => toProduction(line(), 'a1').throughHost('b2').deployOk('staging', 'staging-1', 'staging-2');

    test('stops the promote, which no redeploy completes until the hold is lifted', () => {
      const l = setOnStaging(flying()).deployOk('production', 'prod-1');
      expect(l.commit.at(-1)).toMatchObject({ kind: 'promote_failed', reason: `${versionOf('b2')} is held on staging` });
      expect(l.command(redeploy).refused('held')).toMatchObject({ by: 'local:Ana' });
      l.command({ command: 'lift_hold', tier: 'staging', version: versionOf('b2'), reason: 'it was the disk' });
      l.command(redeploy).deployOk('production', 'prod-2').expectEvents(['deploy_ok', 'link', 'link', 'promote_complete']);
    });

    test('stops a redeploy that would complete the promote', () => {
      const l = flying().deployFailed('production', 'prod-1').command(redeploy);
      setOnStaging(l).deployOk('production', 'prod-1').expectEvents(['deploy_ok', 'link', 'promote_failed']);
    });

    test('lets a node that drifted get the release back that has completed there', () => {
      const l = setOnStaging(flying().deployOk('production', 'prod-1', 'prod-2')).observed('production', 'prod-2', 'differs', 'a1');
      l.command(redeploy).deployOk('production', 'prod-2').expectEvents(['deploy_ok', 'promote_complete']);
    });
  });

  test('is lifted by a person with a reason; then a hand may promote, and nothing moves by itself', () => {
    const l = toProduction(toProduction(line(), 'a1'), 'b2').command(back).deployOk('production', 'prod-1', 'prod-2');
    const version = versionOf('b2');
    l.command({ command: 'promote', tier: 'production' }).refused('held');
    l.command({ command: 'lift_hold', tier: 'production', version, reason: 'it was the load balancer' }).expectEvents(['release_released']);
    l.command({ command: 'lift_hold', tier: 'production', version, reason: 'again' }).refused('not_held');
    l.command({ command: 'promote', tier: 'production' }).expectEvents(['promote_requested', 'deploy_start']);
    expect(l.tier('production').current?.version).toBe(version);
  });
});

describe('the target', () => {
  test('of a second press is older still, never the bad one', () => {
    const l = toProduction(toProduction(toProduction(line(), 'a1'), 'b2'), 'c3');
    l.command(back).deployOk('production', 'prod-1', 'prod-2');
    expect(l.tier('production').current?.version).toBe(versionOf('b2'));
    l.command(back).deployOk('production', 'prod-1', 'prod-2');
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
    expect(l.command(back).refused('nothing_to_roll_back').message).toContain('nothing to roll back to');
  });

  test('may be named', () => {
    const l = toProduction(toProduction(toProduction(line(), 'a1'), 'b2'), 'c3');
    expect(rollbackTargets(l.project, l.tier('production'))).toEqual([versionOf('b2'), versionOf('a1')]);
    l.command({ ...back, to: versionOf('a1') }).deployOk('production', 'prod-1', 'prod-2');
    expect(l.tier('production').intended?.version).toBe(versionOf('a1'));
  });

  test('is what ran before the promote that stopped half way, even when a newer one completed once', () => {
    const l = toProduction(toProduction(toProduction(line(), 'a1'), 'b2'), 'c3');
    l.command({ ...back, to: versionOf('a1') }).deployOk('production', 'prod-1', 'prod-2');
    l.throughHost('d4').deployOk('staging', 'staging-1', 'staging-2').command({ command: 'promote', tier: 'production' });
    l.deployFailed('production', 'prod-1').command(back);
    expect(l.commit.find((e) => e.kind === 'rollback_requested')).toMatchObject({ to: versionOf('a1'), nodes: ['prod-1'] });
  });

  test('is what ran before, also when that was put on a drifted node in vain', () => {
    const l = toProduction(toProduction(line(), 'a1'), 'b2').observed('production', 'prod-1', 'differs', 'a1');
    l.command({ command: 'redeploy', tier: 'production' }).deployFailed('production', 'prod-1');
    l.throughHost('c3').deployOk('staging', 'staging-1', 'staging-2').command({ command: 'promote', tier: 'production' });
    l.deployFailed('production', 'prod-1').command(back);
    expect(l.commit.find((e) => e.kind === 'rollback_requested')).toMatchObject({ to: versionOf('b2') });
  });

  describe('after a promote of an older release that stopped half way', () => {
    const half = (...shas: string[]) =>
      shas
        .reduce(toProduction, line())
        .command({ command: 'promote', tier: 'production', version: versionOf(shas.at(-2) ?? '') })
        .deployOk('production', 'prod-1')
        .deployFailed('production', 'prod-2');
    const target = (l: ReturnType<typeof line>) => l.commit.find((e) => e.kind === 'rollback_requested');

    test('is the newer one that ran before', () => {
      expect(target(half('a1', 'b2').command(back))).toMatchObject({ to: versionOf('b2'), nodes: ['prod-1', 'prod-2'] });
      const l = half('a1', 'b2', 'c3');
      expect(rollbackTargets(l.project, l.tier('production'))).toEqual([versionOf('c3'), versionOf('a1')]);
      expect(target(l.command(back))).toMatchObject({ to: versionOf('c3') });
    });

    test('is that one also when another promote over it stopped half way, too', () => {
      const l = half('a1', 'b2').throughHost('c3').deployOk('staging', 'staging-1', 'staging-2');
      l.command({ command: 'promote', tier: 'production' }).deployFailed('production', 'prod-1');
      expect(target(l.command(back))).toMatchObject({ to: versionOf('b2') });
    });

    test('is that one also when a redeploy has finished it', () => {
      const l = half('a1', 'b2').command({ command: 'redeploy', tier: 'production' }).deployOk('production', 'prod-2');
      expect(l.tier('production').completed).toEqual([versionOf('a1'), versionOf('b2')]);
      l.observed('production', 'prod-1', 'differs', 'b2').command({ command: 'redeploy', tier: 'production' });
      l.deployFailed('production', 'prod-1');
      expect(target(l.command(back))).toMatchObject({ to: versionOf('b2') });
    });
  });

  test('is no release whose gate failed there, as long as there is another; by name it may be', () => {
    const l = given(HOST, SHIP, { ...PRODUCTION, gates: [{ id: 'e2e', kind: 'command' }] });
    toProduction(l, 'a1').gatePassed('production', 'e2e');
    toProduction(l, 'b2').gateFailed('production', 'e2e');
    toProduction(l, 'c3').gatePassed('production', 'e2e');
    expect(rollbackTargets(l.project, l.tier('production'))).toContain(versionOf('b2'));
    l.command(back);
    expect(l.commit.find((e) => e.kind === 'rollback_requested')).toMatchObject({ to: versionOf('a1') });
  });

  test('does not exist on the first release, in a tier without nodes, or for a release that never completed there', () => {
    const l = line().throughHost('a1');
    l.command({ command: 'rollback', tier: 'staging' }).refused('nothing_to_roll_back');
    l.command({ command: 'rollback', tier: 'host' }).refused('nothing_to_roll_back');
    l.command(back).refused('nothing_to_roll_back');
    const m = toProduction(toProduction(line(), 'a1'), 'b2');
    m.command({ ...back, to: '9.9.9' }).refused('nothing_to_roll_back');
    m.command(back).deployOk('production', 'prod-1', 'prod-2');
    m.throughHost('c3').deployOk('staging', 'staging-1', 'staging-2');
    m.command({ command: 'promote', tier: 'production' }).deployOk('production', 'prod-1', 'prod-2');
    m.command({ ...back, to: versionOf('b2') }).refused('held');
  });

  test('is refused when the tier runs another release than the operator saw', () => {
    const l = toProduction(toProduction(line(), 'a1'), 'b2');
    l.command({ ...back, expect: { version: versionOf('a1'), sha: shaOf('a1') } }).refused('replaced');
    l.command({ ...back, expect: { version: versionOf('b2'), sha: shaOf('b2') } }).expectEvents([
      'release_held',
      'rollback_requested',
      'deploy_start',
    ]);
  });
});

describe('a rollback that fails', () => {
  const failed = () => toProduction(toProduction(line(), 'a1'), 'b2').command(back).deployFailed('production', 'prod-1', 'unreachable');

  test('goes on past a broken node: every node it returns is one less on the bad release', () => {
    const l = failed().expectEvents(['deploy_failed', 'link', 'deploy_start']);
    l.deployOk('production', 'prod-2').expectEvents(['deploy_ok', 'link', 'link', 'rollback_failed']);
    expect(l.commit[3]).toMatchObject({ from: versionOf('b2'), to: versionOf('a1'), node: 'prod-1', failure: { type: 'unreachable' } });
    expect(l.tier('production')).toMatchObject({ hand_only: { why: 'deploy_failed' }, intended: { version: versionOf('a1') } });
  });

  test('can be pressed again, for the node that is left', () => {
    const l = failed().deployOk('production', 'prod-2').command(back);
    expect(deploying(l)).toEqual(['prod-1']);
    l.deployOk('production', 'prod-1').expectEvents(['deploy_ok', 'link', 'rollback']);
    expect(l.tier('production').held).toHaveLength(1);
  });

  test('can be finished by a redeploy, and is a rollback then', () => {
    const l = failed().deployOk('production', 'prod-2').command({ command: 'redeploy', tier: 'production' });
    l.deployOk('production', 'prod-1').expectEvents(['deploy_ok', 'link', 'rollback']);
    expect(tierVerdict(l.tier('production')).type).toBe('rolled_back');
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
    const again = failed()
      .deployOk('production', 'prod-2')
      .command({ command: 'redeploy', tier: 'production' })
      .deployFailed('production', 'prod-1');
    again.expectEvents(['deploy_failed', 'rollback_failed']);
  });

  test('because the server went down says so', () => {
    const l = toProduction(toProduction(line(), 'a1'), 'b2')
      .command(back)
      .deployFailed('production', 'prod-1', 'interrupted')
      .deployFailed('production', 'prod-2', 'interrupted');
    expect(l.tier('production').current?.failure?.failure?.type).toBe('interrupted');
  });
});
