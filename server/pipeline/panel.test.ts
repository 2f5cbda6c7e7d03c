/** What the screens read from a line: who must act, what moves, what a tier runs. */
import { describe, expect, test } from 'vitest';
import { nextWaitsFor } from '../../src/shared/fold/entry.ts';
import { needsYou } from '../../src/shared/fold/needs.ts';
import { nodeView, plate } from '../../src/shared/fold/nodes.ts';
import { trains } from '../../src/shared/fold/trains.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, STAGING, versionOf } from './given_line.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
type Line = ReturnType<typeof line>;
const needs = (l: Line) => needsYou(l.state).map((need) => need.type);
const moving = (l: Line) =>
  trains(l.project).map((train) => [train.version, train.status, 'tier' in train.place ? train.place.tier : train.place.at]);

describe('Needs you', () => {
  test('is empty while everything goes by itself', () => {
    const l = line();
    expect(needs(l)).toEqual([]);
    expect(needs(l.throughHost('a1').deployOk('staging', 'staging-1', 'staging-2'))).toEqual([]);
    expect(needs(line().toProduction('a1'))).toEqual([]);
  });

  test('asks for a confirm, and forgets it when it came', () => {
    const l = line().at(3).toConfirm('a1');
    expect(needsYou(l.state)).toMatchObject([
      { type: 'confirm', version: versionOf('a1'), gate: { id: 'manual_confirm' }, since: '2026-11-14T02:33:00.000Z' },
    ]);
    const { id } = needsYou(l.state)[0]!;
    expect(needsYou(l.push('b2').state)[0]?.id).toBe(id);
    expect(needs(l.command({ command: 'confirm', tier: 'staging' }))).toEqual([]);
  });

  test('asks what to do about a failed build, gate and deploy, oldest first, until something newer takes the place', () => {
    const l = line()
      .throughHost('a1')
      .at(1)
      .deployFailed('staging', 'staging-1')
      .at(2)
      .push('b2')
      .buildPassed()
      .gateFailed('host', 'unit_tests');
    l.at(3)
      .push('c3')
      .buildEnded({ status: 'failed', classification: { type: 'exit_code', code: 1 } });
    expect(needs(l)).toEqual(['deploy_failed', 'gate_failed', 'build_failed']);
    expect(needs(l.push('d4'))).toEqual(['deploy_failed', 'gate_failed']);
    expect(needs(l.buildPassed())).toEqual(['deploy_failed']);
  });

  test('asks for a promote where nothing goes by itself, also after a rollback', () => {
    const l = given(HOST, STAGING, { ...PRODUCTION, auto_promote: false })
      .toConfirm('a1')
      .command({ command: 'confirm', tier: 'staging' });
    expect(needsYou(l.state)).toMatchObject([{ type: 'promote', version: versionOf('a1'), wait: { why: 'manual' } }]);
    const m = line().toProduction('a1').toProduction('b2').command({ command: 'rollback', tier: 'production' });
    expect(needs(m)).toEqual([]);
    m.deployOk('production', 'prod-1', 'prod-2').toConfirm('c3').command({ command: 'confirm', tier: 'staging' });
    expect(needsYou(m.state)).toMatchObject([
      { type: 'promote', version: versionOf('c3'), wait: { why: 'hand_only', hand_only: { why: 'rolled_back', by: 'local:Ana' } } },
    ]);
  });

  test('asks about a tier whose nodes differ', () => {
    const l = line().toProduction('a1').observed('production', 'prod-2', 'differs', 'a1');
    expect(needs(l)).toEqual([]);
    const m = line().toProduction('a1').toProduction('b2').observed('production', 'prod-2', 'differs', 'a1');
    expect(needs(m)).toEqual(['mixed']);
  });
});

describe('trains', () => {
  test('stand where the release is, and one that is through is a plate, no train', () => {
    const l = line().push('a1');
    expect(moving(l)).toEqual([[versionOf('a1'), 'running', 'push']]);
    l.buildPassed();
    expect(moving(l)).toEqual([[versionOf('a1'), 'running', 'host']]);
    l.gatePassed('host', 'unit_tests').gatePassed('host', 'boot_smoke');
    expect(moving(l)).toEqual([[versionOf('a1'), 'deploying', 'staging']]);
    l.deployOk('staging', 'staging-1', 'staging-2').throughHost('b2');
    expect(moving(l)).toEqual([
      [versionOf('b2'), 'waits', 'staging'],
      [versionOf('a1'), 'waits', 'staging'],
    ]);
    l.burnedIn('staging');
    expect(moving(l)).toContainEqual([versionOf('a1'), 'hand', 'staging']);
    const m = line().toProduction('a1');
    expect(moving(m)).toEqual([]);
    expect(plate(m.tier('production'))).toEqual([{ version: versionOf('a1'), count: 2 }]);
  });

  test('show what stopped, and what is put back', () => {
    const l = line()
      .push('a1')
      .buildEnded({ status: 'failed', classification: { type: 'interrupted' } });
    expect(moving(l)).toEqual([[versionOf('a1'), 'failed', 'push']]);
    expect(
      moving(
        line()
          .push('a1')
          .buildPassed()
          .gateEnded('host', 'unit_tests', { status: 'failed', classification: { type: 'interrupted' } }),
      ),
    ).toEqual([[versionOf('a1'), 'interrupted', 'host']]);
    expect(moving(line().throughHost('a1').deployFailed('staging', 'staging-1', 'interrupted'))).toEqual([
      [versionOf('a1'), 'interrupted', 'staging'],
    ]);
    const back = line().toProduction('a1').toProduction('b2').command({ command: 'rollback', tier: 'production' });
    expect(moving(back)).toEqual([[versionOf('a1'), 'rolling_back', 'production']]);
  });
});

describe('a node', () => {
  test('is seen as what it answers against what it should run', () => {
    const l = line().toProduction('a1').throughHost('b2');
    const view = (tier: string, id: string) => nodeView(l.tier(tier), l.node(tier, id));
    expect(view('staging', 'staging-1')).toBe('deploying');
    expect(view('staging', 'staging-2')).toBe('differs');
    expect(view('production', 'prod-1')).toBe('matching');
    l.observed('production', 'prod-1', 'unreachable').deployFailed('staging', 'staging-1');
    expect(view('production', 'prod-1')).toBe('failed');
    expect(view('staging', 'staging-1')).toBe('failed');
    expect(plate(l.tier('staging'))).toEqual([
      { version: null, count: 1 },
      { version: versionOf('a1'), count: 1 },
    ]);
    const empty = given(HOST, STAGING);
    expect(nodeView(empty.tier('staging'), empty.node('staging', 'staging-1'))).toBe('empty');
  });
});

test('why the next release waits: for a thaw, and then it goes by itself', () => {
  const l = line();
  const { id } = l.project;
  const tier = l.tier('staging').id;
  l.fact({ fact: 'events', project: id, events: [{ kind: 'tier_frozen', tier, reason: 'audit' }] }, 'local:Ana').throughHost('a1');
  expect(nextWaitsFor(l.project, l.tier('staging'))).toEqual({ why: 'frozen', reason: 'audit', by: 'local:Ana' });
  expect(l.command({ command: 'promote', tier: 'staging' }).refused('frozen').message).toContain('Ana');
  l.fact({ fact: 'events', project: id, events: [{ kind: 'tier_thawed', tier }] }).expectEvents([
    'tier_thawed',
    'promote_requested',
    'deploy_start',
  ]);
});

test('why the next release waits: it is held in an earlier tier, and goes when the hold is lifted', () => {
  const ship = { ...STAGING, gates: [{ id: 'manual_confirm', kind: 'manual_confirm' as const }] };
  const l = given({ id: 'first', nodes: ['first-1'] }, ship, PRODUCTION);
  const into = (sha: string) => l.push(sha).buildPassed().deployOk('first', 'first-1');
  into('a1')
    .deployOk('staging', 'staging-1', 'staging-2')
    .command({ command: 'confirm', tier: 'staging' })
    .deployOk('production', 'prod-1', 'prod-2');
  into('b2').deployOk('staging', 'staging-1', 'staging-2').command({ command: 'rollback', tier: 'first' }).deployOk('first', 'first-1');
  l.command({ command: 'confirm', tier: 'staging' }).expectEvents(['manual_confirm', 'gate_done']);
  expect(nextWaitsFor(l.project, l.tier('production'))).toEqual({ why: 'held' });
  l.command({ command: 'promote', tier: 'production' }).refused('held');
  l.command({ command: 'lift_hold', tier: 'first', version: versionOf('b2'), reason: 'it was the disk' }).expectEvents([
    'release_released',
    'promote_requested',
    'deploy_start',
  ]);
});
