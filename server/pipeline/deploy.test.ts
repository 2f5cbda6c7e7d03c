import { describe, expect, test } from 'vitest';
import { deviatingNodes, isMixed, nodeVersion } from '../../src/shared/fold/nodes.ts';
import { runOf } from '../../src/shared/fold/runs.ts';
import { tierVerdict } from '../../src/shared/fold/select.ts';
import type { CanaryPolicy } from '../../src/shared/fold/topology.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const SHIP = { ...STAGING, gates: [] };
const line = () => given(HOST, SHIP, { ...PRODUCTION, auto_promote: false });
type Line = ReturnType<typeof line>;
const deploying = (l: Line) => pending(l.state).flatMap((e) => (e.type === 'deploy' ? [e.node] : []));
const canary = (policy: CanaryPolicy) => given(HOST, { id: 'staging', nodes: ['n1', 'n2', 'n3'], canary: policy });

describe('canary', () => {
  test('sequential: one after another', () => {
    const l = canary('sequential').throughHost('a1');
    expect(deploying(l)).toEqual(['n1']);
    expect(deploying(l.deployOk('staging', 'n1'))).toEqual(['n2']);
    expect(deploying(l.deployOk('staging', 'n2'))).toEqual(['n3']);
    l.deployOk('staging', 'n3').expectEvents(['deploy_ok', 'link', 'promote_complete']);
  });

  test('parallel: all at once; a failure waits for the others to end', () => {
    const l = canary('parallel').throughHost('a1');
    expect(deploying(l)).toEqual(['n1', 'n2', 'n3']);
    l.deployFailed('staging', 'n2').expectEvents(['deploy_failed']);
    l.deployOk('staging', 'n3', 'n1').expectEvents(['deploy_ok', 'link', 'promote_failed']);
    expect(l.commit[2]).toMatchObject({ node: 'n2' });
  });

  test('one_then_rest: the first alone, then the others together', () => {
    const l = canary('one_then_rest').throughHost('a1');
    expect(deploying(l)).toEqual(['n1']);
    expect(deploying(l.deployOk('staging', 'n1'))).toEqual(['n2', 'n3']);
    l.deployOk('staging', 'n3', 'n2').expectEvents(['deploy_ok', 'link', 'promote_complete']);
    const m = canary('one_then_rest').throughHost('a1').deployFailed('staging', 'n1');
    expect(deploying(m)).toEqual([]);
  });

  test('a tier of very many nodes is not taken for a loop in the rules', () => {
    const nodes = Array.from({ length: 400 }, (_, n) => `n${n}`);
    const l = given(HOST, { id: 'staging', nodes, canary: 'parallel' }).throughHost('a1');
    expect(deploying(l)).toHaveLength(400);
  });
});

describe('a deploy that fails', () => {
  test('stops the promote before the nodes that have not begun', () => {
    const l = line().throughHost('a1').deployFailed('staging', 'staging-1', 'transfer').expectEvents(['deploy_failed', 'promote_failed']);
    expect(deploying(l)).toEqual([]);
    expect(tierVerdict(l.tier('staging'))).toMatchObject({
      type: 'deploy_failed',
      failure: { node: 'staging-1', failure: { type: 'transfer' } },
    });
    expect(runOf(l.project, l.deployRun('staging', 'staging-1'))).toMatchObject({ status: 'failed', why: { type: 'transfer' } });
  });

  test('because the server went down is not repeated by itself', () => {
    const l = line()
      .throughHost('a1')
      .deployFailed('staging', 'staging-1', 'interrupted')
      .expectEvents(['deploy_failed', 'promote_failed']);
    expect(l.tier('staging').hand_only?.why).toBe('deploy_failed');
    l.command({ command: 'redeploy', tier: 'staging' }).expectEvents(['redeploy_requested', 'deploy_start']);
  });

  test('may be tried again by a promote of the same release', () => {
    const l = line().throughHost('a1').deployFailed('staging', 'staging-1').command({ command: 'promote', tier: 'staging' });
    l.expectEvents(['promote_requested', 'deploy_start']);
    expect(l.commit[1]).toMatchObject({ attempt: 2 });
  });
});

describe('redeploy', () => {
  const half = () => line().throughHost('a1').deployOk('staging', 'staging-1').deployFailed('staging', 'staging-2');
  const redeploy = { command: 'redeploy', tier: 'staging' } as const;

  test('puts the intended release on the nodes that do not run it, and the promote is complete then', () => {
    const l = half().command(redeploy).expectEvents(['redeploy_requested', 'deploy_start']);
    expect(deploying(l)).toEqual(['staging-2']);
    l.deployOk('staging', 'staging-2').expectEvents(['deploy_ok', 'link', 'promote_complete']);
    expect(tierVerdict(l.tier('staging')).type).toBe('satisfied');
    expect(l.tier('production').next?.version).toBe(versionOf('a1'));
  });

  test('finishes a promote whose last node came up too late: it answers by now, but no deploy has said so', () => {
    const l = half()
      .observed('staging', 'staging-2', 'matching', 'a1')
      .command(redeploy)
      .expectEvents(['redeploy_requested', 'deploy_start']);
    l.deployOk('staging', 'staging-2').expectEvents(['deploy_ok', 'link', 'promote_complete']);
  });

  test('counts its attempts', () => {
    const l = half().command(redeploy).deployFailed('staging', 'staging-2').command(redeploy);
    expect(l.commit[1]).toMatchObject({ kind: 'deploy_start', attempt: 3 });
  });

  test('of one node leaves the others as they are, and says so', () => {
    const l = line()
      .throughHost('a1')
      .deployFailed('staging', 'staging-1')
      .command({ ...redeploy, node: 'staging-1' });
    expect(deploying(l)).toEqual(['staging-1']);
    l.deployOk('staging', 'staging-1').expectEvents(['deploy_ok', 'link', 'promote_failed']);
    expect(l.commit[2]).toMatchObject({ node: 'staging-2', reason: 'staging-2 still runs an unknown release' });
    l.command({ ...redeploy, node: 'staging-2' })
      .deployOk('staging', 'staging-2')
      .expectEvents(['deploy_ok', 'link', 'promote_complete']);
  });

  test('of a node that drifted brings it back without moving anything else', () => {
    const l = line()
      .throughHost('a1')
      .deployOk('staging', 'staging-1', 'staging-2')
      .throughHost('b2')
      .deployOk('staging', 'staging-1', 'staging-2');
    expect(isMixed(l.tier('staging'))).toBe(false);
    l.observed('staging', 'staging-2', 'differs', 'a1');
    expect(isMixed(l.tier('staging'))).toBe(true);
    const { next } = l.tier('production');
    l.at(60).command(redeploy).deployOk('staging', 'staging-2').expectEvents(['deploy_ok', 'promote_complete']);
    expect(isMixed(l.tier('staging'))).toBe(false);
    expect(l.tier('production').next).toEqual(next);
  });

  test('of one of several that drifted fails nothing: the tier stays mixed, and what comes next still enters by itself', () => {
    const l = line();
    for (const name of ['a1', 'b2']) l.throughHost(name).deployOk('staging', 'staging-1', 'staging-2');
    const { current, hand_only } = l.tier('staging');
    l.observed('staging', 'staging-1', 'differs', 'a1').observed('staging', 'staging-2', 'differs', 'a1');
    l.command({ ...redeploy, node: 'staging-1' })
      .deployOk('staging', 'staging-1')
      .expectEvents(['deploy_ok', 'promote_failed']);
    expect(isMixed(l.tier('staging'))).toBe(true);
    expect(l.tier('staging')).toMatchObject({ current: { deployed: current?.deployed, failure: null }, hand_only, move: null });
  });

  test('is refused when every node runs the release, there is none, a deploy runs, or the node is unknown', () => {
    const l = line().throughHost('a1');
    l.command(redeploy).refused('busy');
    l.command({ command: 'redeploy', tier: 'production' }).refused('nothing_to_promote');
    l.deployOk('staging', 'staging-1', 'staging-2').command(redeploy).refused('not_mixed');
    l.command({ ...redeploy, node: 'moon-1' }).refused('unknown_node');
    const m = half();
    m.command({ ...redeploy, node: 'staging-1' }).refused('not_mixed');
    m.command({ ...redeploy, expect: { version: versionOf('b2'), sha: shaOf('b2') } }).refused('replaced');
  });
});

describe('what a node runs', () => {
  test('is what its last deploy put there, until it is asked', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1');
    expect(l.node('staging', 'staging-1').observed).toMatchObject({ status: 'matching', version: versionOf('a1') });
    l.observed('staging', 'staging-1', 'unreachable');
    expect(deviatingNodes(l.tier('staging')).map((n) => n.id)).toEqual(['staging-1', 'staging-2']);
  });

  test('is not known after a deploy that failed or was cancelled', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').throughHost('b2').deployFailed('staging', 'staging-1');
    expect(nodeVersion(l.node('staging', 'staging-1'))).toBeNull();
    const m = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').throughHost('b2');
    m.command({ command: 'cancel_run', run_id: m.deployRun('staging', 'staging-1') });
    expect(nodeVersion(m.node('staging', 'staging-1'))).toBeNull();
  });

  test('is not asked for while a deploy runs there: its own check is the answer', () => {
    line().throughHost('a1').observed('staging', 'staging-1', 'unreachable').expectNothing();
  });

  test('is told in links: one a node, gone when nobody knows', () => {
    const l = line().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').throughHost('b2');
    const target_id = 'hello/staging/staging-1';
    l.deployOk('staging', 'staging-1').expectEvents(['deploy_ok', 'link', 'link', 'deploy_start']);
    expect(l.commit[1]).toMatchObject({
      action: 'deleted',
      link_id: `${versionOf('a1')}@${target_id}`,
      source_id: versionOf('a1'),
      target_id,
    });
    expect(l.commit[2]).toMatchObject({ action: 'created', link_id: `${versionOf('b2')}@${target_id}` });
    l.deployFailed('staging', 'staging-2').expectEvents(['deploy_failed', 'link', 'promote_failed']);
    expect(l.commit[1]).toMatchObject({ action: 'deleted', target_id: 'hello/staging/staging-2' });
    l.command({ command: 'redeploy', tier: 'staging' })
      .deployOk('staging', 'staging-2')
      .expectEvents(['deploy_ok', 'link', 'promote_complete']);
  });
});
