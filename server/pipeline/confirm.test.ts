import { describe, expect, test } from 'vitest';
import { tierVerdict } from '../../src/shared/fold/select.ts';
import { given } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
const confirm = { command: 'confirm', tier: 'staging' } as const;
const asking = (approvals: number) => ({ ...STAGING, gates: [{ id: 'manual_confirm', kind: 'manual_confirm', approvals } as const] });
const waiting = (approvals: number) =>
  given(HOST, asking(approvals), PRODUCTION).throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');

describe('a confirm', () => {
  test('passes the gate, signed, with the comment, and nothing else when the next tier waits for a hand', () => {
    const l = given(HOST, STAGING, { ...PRODUCTION, auto_promote: false })
      .toConfirm('a1')
      .at(40);
    l.command({ ...confirm, comment: 'looks good' }).expectEvents(['manual_confirm', 'gate_done']);
    expect(l.commit[0]).toMatchObject({ decision: 'confirm', comment: 'looks good', version: versionOf('a1'), sha: shaOf('a1') });
    expect(l.gate('staging', 'manual_confirm')).toMatchObject({ status: 'passed', by: 'local:Ana', ended_at: '2026-11-14T02:40:00.000Z' });
    expect(l.tier('production').next?.version).toBe(versionOf('a1'));
    expect(pending(l.state)).toEqual([]);
  });

  test('is refused where nothing waits', () => {
    const l = line();
    l.command(confirm).refused('not_waiting');
    l.throughHost('a1').command(confirm).refused('not_waiting');
    l.command({ command: 'confirm', tier: 'host' }).refused('not_waiting');
    l.toConfirm('b2')
      .command({ ...confirm, gate: 'other' })
      .refused('not_waiting');
  });

  test('of another release than the one that waits is refused', () => {
    const l = line()
      .toConfirm('a1')
      .command({ ...confirm, expect: { version: versionOf('a1'), sha: shaOf('b2') } });
    l.refused('replaced');
    l.command({ ...confirm, expect: { version: versionOf('a1'), sha: shaOf('a1') } }).expectEvents([
      'manual_confirm',
      'gate_done',
      'promote_requested',
      'deploy_start',
    ]);
  });

  test('is possible while the release is put on a drifted node again, and after that failed', () => {
    const l = line().toConfirm('a1').observed('staging', 'staging-1', 'differs').command({ command: 'redeploy', tier: 'staging' });
    l.deployFailed('staging', 'staging-1').command(confirm).expectEvents(['manual_confirm', 'gate_done']);
    expect(l.tier('production').current).toBeNull();
    l.command({ command: 'redeploy', tier: 'staging' }).deployOk('staging', 'staging-1');
    l.expectEvents(['deploy_ok', 'link', 'promote_complete', 'promote_requested', 'deploy_start']);
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
  });
});

describe('two people at once', () => {
  const first = { ...confirm, expect: { version: versionOf('a1'), sha: shaOf('a1') } };

  test('the second learns who decided, and when', () => {
    const l = line().toConfirm('a1').at(40).command(first, 'local:Ana').at(41).command(first, 'local:Ben');
    expect(l.refused('already_decided')).toMatchObject({
      by: 'local:Ana',
      at: '2026-11-14T02:40:00.000Z',
      message: `Ana confirmed ${versionOf('a1')} at 02:40:00 UTC, before you.`,
    });
  });

  test('also when the next release has taken the place since', () => {
    const l = line().toConfirm('a1').throughHost('b2').at(40).command(first, 'local:Ana');
    expect(l.tier('staging').current?.version).toBe(versionOf('b2'));
    expect(l.command({ ...first, decision: 'reject' }, 'local:Ben').refused('already_decided')).toMatchObject({
      by: 'local:Ana',
      at: '2026-11-14T02:40:00.000Z',
    });
    const other = given({ ...asking(1), id: 'host', nodes: [] }, { ...STAGING, gates: [...HOST.gates!, ...asking(1).gates] }, PRODUCTION)
      .push('a1')
      .buildPassed();
    other
      .command({ ...first, tier: 'host' })
      .deployOk('staging', 'staging-1', 'staging-2')
      .gateFailed('staging', 'unit_tests');
    other
      .push('b2')
      .buildPassed()
      .command({ ...confirm, tier: 'host' })
      .command(first)
      .refused('replaced');
    expect(l.command({ ...first, expect: { version: versionOf('c3'), sha: shaOf('c3') } }).refused('replaced').message).toContain(
      versionOf('b2'),
    );
  });
});

describe('several approvals', () => {
  test('come from distinct people', () => {
    const l = waiting(2).command(confirm, 'local:Ana').expectEvents(['manual_confirm', 'gate_done']);
    expect(l.commit[1]).toMatchObject({ outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 1, need: 2 }] } });
    expect(tierVerdict(l.tier('staging'))).toMatchObject({ type: 'waits_for_hand', have: 1, need: 2 });
    expect(l.command(confirm, 'local:Ana').refused('already_confirmed').message).toContain('1 more');
    l.command(confirm, 'local:Ben').expectEvents(['manual_confirm', 'gate_done', 'promote_requested', 'deploy_start']);
    expect(l.gate('staging', 'manual_confirm')).toMatchObject({ status: 'passed', by: 'local:Ben' });
  });

  test('one reject is enough, also from somebody who confirmed before', () => {
    const l = waiting(3)
      .command(confirm, 'local:Ana')
      .command({ ...confirm, decision: 'reject' }, 'local:Ana');
    expect(l.gate('staging', 'manual_confirm')).toMatchObject({ status: 'failed', by: 'local:Ana' });
  });
});

describe('a reject', () => {
  const rejected = () =>
    line()
      .toConfirm('a1')
      .command({ ...confirm, decision: 'reject', comment: 'prices are wrong' }, 'local:Ana');

  test('fails the gate, with who and why; the release goes no further', () => {
    const l = rejected().expectEvents(['manual_confirm', 'gate_done']);
    expect(l.gate('staging', 'manual_confirm')).toMatchObject({
      status: 'failed',
      outcome: { classification: { type: 'rejected', by: 'local:Ana', comment: 'prices are wrong' } },
    });
    expect(tierVerdict(l.tier('staging'))).toMatchObject({ type: 'rejected', by: 'local:Ana' });
    expect(l.release('a1').failed).toEqual(['staging']);
    expect(l.command({ command: 'promote', tier: 'production' }).refused('gates_missing').missing).toEqual(['manual_confirm']);
    expect(l.command(confirm).refused('already_decided').message).toContain('rejected');
  });

  test('can be thought over: retried, it asks again', () => {
    const l = rejected().command({ command: 'retry_gate', tier: 'staging', gate: 'manual_confirm' });
    l.expectEvents(['gate_retry_requested', 'gate_start', 'gate_done']).command(confirm, 'local:Ben');
    expect(l.release('a1')).toMatchObject({ failed: [], satisfied: ['host', 'staging'] });
    expect(l.tier('production').current?.version).toBe(versionOf('a1'));
  });
});
