/** Who comes second is told who came first, and when. */
import { expect, test } from 'vitest';
import type { RefusalCode } from '../../src/shared/protocol/refusals.ts';
import { given, type CommandInput, type Line } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';

const ANA = 'local:Ana';
const BEN = 'local:Ben';
const saw = (short: string) => ({ version: versionOf(short), sha: shaOf(short) });
const BY_HAND = { ...PRODUCTION, auto_promote: false };
const CHECKED = { ...BY_HAND, gates: [{ id: 'e2e', kind: 'http_check' as const }] };

const promote = { command: 'promote', tier: 'production' } as const;
const rollback = { command: 'rollback', tier: 'production' } as const;
const confirm = { command: 'confirm', tier: 'staging' } as const;
const retry = { command: 'retry_gate', tier: 'production', gate: 'e2e' } as const;

function confirmed(short: string, line = given(HOST, STAGING, BY_HAND)): Line {
  return line.toConfirm(short).command(confirm, ANA);
}

/** Two releases have been in production, the newer one is there. */
function twice(line = given(HOST, STAGING, BY_HAND)): Line {
  for (const short of ['a1', 'b2']) confirmed(short, line).command(promote, ANA).deployOk('production', 'prod-1', 'prod-2');
  return line;
}

const checkFailed = (): Line =>
  confirmed('a1', given(HOST, STAGING, CHECKED))
    .command(promote, ANA)
    .deployOk('production', 'prod-1', 'prod-2')
    .gateFailed('production', 'e2e');

const cases: readonly (readonly [string, RefusalCode, string, () => Line, CommandInput])[] = [
  [
    'a promote of what another person is promoting',
    'busy',
    ANA,
    () => confirmed('a1').command(promote, ANA),
    { ...promote, expect: saw('a1') },
  ],
  [
    'a promote of what somebody put there',
    'already_there',
    ANA,
    () => confirmed('a1').command(promote, ANA).deployOk('production', 'prod-1', 'prod-2'),
    promote,
  ],
  [
    'a promote of what somebody rejected',
    'gates_missing',
    ANA,
    () =>
      given(HOST, STAGING, BY_HAND)
        .toConfirm('a1')
        .command({ ...confirm, decision: 'reject' }, ANA),
    promote,
  ],
  [
    'a promote of another release than the one that is next',
    'replaced',
    'system:git',
    () => confirmed('b2'),
    { ...promote, expect: saw('a1') },
  ],
  [
    'a promote of what somebody rolled back',
    'held',
    ANA,
    () => twice().command(rollback, ANA).deployOk('production', 'prod-1', 'prod-2'),
    { ...promote, version: versionOf('b2') },
  ],
  [
    'a confirm after a reject',
    'already_decided',
    ANA,
    () =>
      given(HOST, STAGING)
        .toConfirm('a1')
        .command({ ...confirm, decision: 'reject' }, ANA),
    confirm,
  ],
  [
    'a confirm after a rollback',
    'not_waiting',
    ANA,
    () =>
      confirmed('a1')
        .toConfirm('b2')
        .command({ ...rollback, tier: 'staging' }, ANA),
    { ...confirm, expect: saw('b2') },
  ],
  ['a rollback during a rollback', 'busy', ANA, () => twice().command(rollback, ANA), rollback],
  [
    'a rollback of what was rolled back',
    'replaced',
    ANA,
    () => twice().command(rollback, ANA).deployOk('production', 'prod-1', 'prod-2'),
    { ...rollback, expect: saw('b2') },
  ],
  [
    'a rollback where nothing is left to roll back to',
    'nothing_to_roll_back',
    ANA,
    () => twice().command(rollback, ANA).deployOk('production', 'prod-1', 'prod-2'),
    rollback,
  ],
  ['a redeploy of another release', 'replaced', ANA, () => twice(), { command: 'redeploy', tier: 'production', expect: saw('a1') }],
  ['a redeploy where all is well', 'not_mixed', ANA, () => twice(), { command: 'redeploy', tier: 'production' }],
  [
    'a lift of a hold that was lifted',
    'not_held',
    ANA,
    () =>
      twice()
        .command(rollback, ANA)
        .deployOk('production', 'prod-1', 'prod-2')
        .command({ command: 'lift_hold', tier: 'production', version: versionOf('b2'), reason: 'fixed' }, ANA),
    { command: 'lift_hold', tier: 'production', version: versionOf('b2'), reason: 'fixed' },
  ],
  ['a retry of a gate that somebody retried', 'busy', ANA, () => checkFailed().command(retry, ANA), retry],
  [
    'a retry of a gate that passed since',
    'not_failed',
    ANA,
    () => checkFailed().command(retry, ANA).gatePassed('production', 'e2e'),
    retry,
  ],
  [
    'a cancel of what was cancelled',
    'settled',
    ANA,
    () => given(HOST).push('a1').command({ command: 'cancel_run', run_id: 1 }, ANA),
    { command: 'cancel_run', run_id: 1 },
  ],
  [
    'a cancel of what ended by itself',
    'settled',
    'system:pipeline',
    () => given(HOST).push('a1').buildPassed(),
    { command: 'cancel_run', run_id: 1 },
  ],
];

test.each(cases)('%s is refused as %s by %s', (_, code, by, line, command) => {
  const at = line();
  const before = at.now_ms;
  at.at(600).command(command, BEN);
  const refusal = at.refused(code);
  expect(refusal).toMatchObject({ by, at: expect.any(String) as string });
  expect(Date.parse(refusal.at ?? '')).toBeLessThanOrEqual(before);
});

test('whoever confirmed already is told when', () => {
  const two = { ...STAGING, gates: [{ id: 'manual_confirm', kind: 'manual_confirm' as const, approvals: 2 }] };
  const line = given(HOST, two).throughHost('a1').deployOk('staging', 'staging-1', 'staging-2').command(confirm, BEN);
  const { at } = line.commit[0] ?? {};
  expect(line.at(600).command(confirm, BEN).refused('already_confirmed')).toMatchObject({ by: BEN, at });
});
