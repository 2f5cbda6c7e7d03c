import { expect, test } from 'vitest';
import { readEnvelope, type Envelope } from '../protocol/envelope.ts';
import { eventWords } from './event.ts';

const SHA = 'a'.repeat(40);
const envelope = (kind: string, fields: Record<string, unknown>, actor = 'local:Ana'): Envelope =>
  readEnvelope({ seq_no: 1, id: 'x', at: '2026-11-21T14:00:00.000Z', project: 'hello', actor, kind, ...fields });
const said = (...args: Parameters<typeof envelope>): string | undefined => eventWords(envelope(...args), 'local:Ana')?.text;

test('what people did names them, and the viewer is You', () => {
  expect(said('rebuild_requested', { sha: SHA }, 'hook:Ben')).toBe('Ben pushed aaaaaaa');
  expect(said('manual_confirm', { tier: 'staging', version: '1.4.0+gaaaaaaa' })).toBe('You confirmed 1.4.0 on staging');
  expect(said('rollback', { tier: 'production', from: '1.4.0', to: '1.3.9', reason: '5xx on checkout' }, 'local:Ben')).toBe(
    'Ben rolled production back to 1.3.9: “5xx on checkout”',
  );
});

test('a rollback names who asked for it, then that it is done', () => {
  const back = { tier: 'production', from: '1.4.0', to: '1.3.9', reason: '5xx' };
  expect(said('rollback_requested', { ...back, nodes: ['prod-1'] })).toBe('You roll production back to 1.3.9: “5xx”');
  expect(said('rollback_requested', back, 'local:Ben')).toBe('Ben rolls production back to 1.3.9: “5xx”');
  expect(said('rollback', back, 'system:pipeline')).toBe('production runs 1.3.9 again');
});

test('what the pipeline did is told without a name', () => {
  expect(said('rebuild_requested', { sha: SHA }, 'system:pipeline')).toBe('aaaaaaa was pushed');
  expect(said('promote_requested', { tier: 'staging', version: '1.4.0', auto: true }, 'system:pipeline')).toBeUndefined();
});

test('a wait, a failure and a skip carry their tone', () => {
  const gate = { run_id: 3, tier: 'staging', version: '1.4.0', gate: 'confirm' };
  const blocked = envelope('gate_done', {
    ...gate,
    outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: 1 }] },
  });
  expect(eventWords(blocked, null)).toEqual({ text: '1.4.0 on staging waits for a confirm', tone: 'hand' });
  const failed = envelope('gate_done', {
    ...gate,
    gate: 'unit_tests',
    outcome: { status: 'failed', classification: { type: 'tests_failed', failed: 2, passed: 316, names: [] } },
  });
  expect(eventWords(failed, null)).toEqual({ text: 'unit_tests of 1.4.0: 2 of 318 tests failed', tone: 'failed' });
  const skipped = envelope('gate_done', {
    ...gate,
    gate: 'burn_in',
    outcome: { status: 'passed', skipped: { by: 'local:Ana', reason: 'outage' } },
  });
  expect(eventWords(skipped, null)).toEqual({ text: 'burn_in of 1.4.0 skipped by Ana: “outage”', tone: 'stop' });
});

test('a confirm is told once, by the person', () => {
  expect(
    said('gate_done', { run_id: 3, tier: 'staging', version: '1.4.0', gate: 'ok_by_hand', outcome: { status: 'passed' } }),
  ).toBeUndefined();
  expect(
    said('gate_done', { run_id: 3, tier: 'staging', version: '1.4.0', gate: 'burn_in', outcome: { status: 'passed', elapsed_s: 1800 } }),
  ).toBe('burn_in of 1.4.0 passed in 30 min');
});

test('bookkeeping is left out, a kind from a later version is told by its own name', () => {
  expect(said('entity', { action: 'created', entity_type: 'project', entity_id: 'hello' })).toBeUndefined();
  expect(said('canary_widened', { version: '1.4.0+gaaaaaaa' })).toBe('canary widened 1.4.0');
});

test('two releases that declare one version are told apart', () => {
  const whole = (version: string): string => version;
  const e = envelope('promote_complete', { tier: 'staging', version: '1.4.0+gaaaaaaa' });
  expect(eventWords(e, null, whole)?.text).toBe('1.4.0+gaaaaaaa runs on all of staging');
});
