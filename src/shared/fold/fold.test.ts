import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEnvelopes } from '../protocol/codec.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { KINDS } from '../protocol/events/event.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { fold } from './fold.ts';
import { ACTIVITY_KEPT, EMPTY_STATE, GAPS_KEPT, type State } from './state.ts';

const at = '2026-11-14T02:03:11.004Z';
const read = (envelope: object): Envelope => decodeEnvelopes(JSON.stringify([envelope]), PROTOCOL_VERSION)[0]!;
const told = (state: State, ...events: object[]): State =>
  events.reduce<State>(
    (s, event) => fold(s, read({ seq_no: s.seq_no + 1, id: '', at, project: 'hello', actor: 'local:Ana', ...event })),
    state,
  );

const node = (id: string) => ({ id, health: 'answers' });
const tiers = [
  { id: 'host', auto_promote: true, canary: 'sequential', gates: [{ id: 'unit_tests', kind: 'command' }], nodes: [] },
  {
    id: 'staging',
    auto_promote: true,
    canary: 'sequential',
    gates: [
      { id: 'burn_in', kind: 'burn_in', for_s: 60 },
      { id: 'manual_confirm', kind: 'manual_confirm' },
    ],
    nodes: [node('n1'), node('n2')],
  },
];
const drawn = (data: unknown = { branch: 'main', tiers }, action = 'created') => ({
  kind: 'entity',
  action,
  entity_type: 'project',
  entity_id: 'hello',
  data,
});

/** Envelopes of every kind whose parts are drawn from few values, so that they often concern each other, in any order. */
const few = fc.constantFrom;
const version = few('1.0.0', '1.0.1', '1.0.2');
const sha = few('a'.repeat(40), 'b'.repeat(40));
const parts = fc.record({
  kind: few(...KINDS.filter((kind) => kind !== 'entity')),
  tier: few('host', 'staging', 'moon'),
  node: few('n1', 'n2', 'n9'),
  gate: few('unit_tests', 'burn_in', 'manual_confirm', 'moon'),
  version,
  from: version,
  to: version,
  sha,
  sha_aborted: sha,
  run_id: fc.integer({ min: 1, max: 9 }),
  elapsed_s: fc.nat(9),
  status: few('matching', 'differs', 'unreachable'),
  decision: few('confirm', 'reject'),
  outcome: few<object>(
    { status: 'passed' },
    { status: 'passed', skipped: { by: 'local:Ana' } },
    { status: 'failed', classification: { type: 'tests_failed', failed: 'many' } },
    { status: 'failed', classification: { type: 'rejected', by: 'local:Ana' } },
    { status: 'blocked', blockers: [] },
    { status: 'blocked', blockers: [{ type: 'burn_in', until: at }] },
    {
      status: 'blocked',
      blockers: [
        { type: 'burn_in', until: 'soon' },
        { type: 'awaiting_confirm', have: 0, need: 1 },
      ],
    },
  ),
});
const fixed = {
  checked_at: at,
  failure: { type: 'health_check' },
  nodes: ['n1', 'n9'],
  reason: 'why not',
  boot_id: 'b',
  why: 'lost',
  source: 's',
  byte_size: 1,
  command: 'promote',
  code: 'busy',
  message: 'Busy.',
  action: 'created',
  link_type: 'runs_on',
  link_id: 'l',
  source_id: 's',
  target_id: 't',
  story_id: '1',
  from_stage: 'a',
  to_stage: 'b',
};
const envelopes = fc.array(parts, { maxLength: 60, size: 'max' }).map((list) =>
  list.map((part, n) => {
    const number = part.kind === 'history_gap' ? { from: 1, to: 2 } : {};
    const failure = part.kind === 'build_failed' ? { failure: { type: 'exit_code', code: 1 } } : {};
    return read({ ...part, ...fixed, ...number, ...failure, seq_no: n + 2, id: '', at, project: 'hello' });
  }),
);

describe('the fold', () => {
  const start = told(EMPTY_STATE, drawn());

  test('never throws, whatever order the facts come in, and gives plain JSON', () => {
    fc.assert(
      fc.property(envelopes, (list) => {
        const state = list.reduce(fold, start);
        expect(state.seq_no).toBe(1 + list.length);
        expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      }),
      { numRuns: 300 },
    );
  });

  test('of a prefix told twice is the fold told once', () => {
    fc.assert(
      fc.property(envelopes, fc.nat(), (list, cut) => {
        const once = list.reduce(fold, start);
        const prefix = list.slice(0, cut % (list.length + 1)).reduce(fold, start);
        expect(list.reduce(fold, prefix)).toStrictEqual(once);
        expect(list.reduce(fold, once)).toBe(once);
      }),
      { numRuns: 100 },
    );
  });

  test('leaves what an envelope does not concern the same object', () => {
    const state = told(start, { kind: 'tier_frozen', tier: 'staging', reason: 'audit' });
    expect(state.projects[0]?.tiers[0]).toBe(start.projects[0]?.tiers[0]);
    expect(state.projects[0]?.tiers[1]).not.toBe(start.projects[0]?.tiers[1]);
  });

  test('keeps a kind it does not know among what happened, and counts its run', () => {
    const state = told(start, { kind: 'tier_repainted', tier: 'staging', run_id: 12 });
    expect(state.activity.at(-1)).toMatchObject({ kind: 'tier_repainted', tier: 'staging' });
    expect(state.last_run_id).toBe(12);
    expect(state.projects).toBe(start.projects);
  });

  test('does not count the run of a refused command', () => {
    expect(
      told(start, { kind: 'command_refused', command: 'cancel_run', code: 'unknown_run', message: 'No.', run_id: 99 }).last_run_id,
    ).toBe(0);
  });

  test('keeps a bounded past', () => {
    const many = Array.from({ length: ACTIVITY_KEPT + 5 }, (_, n) => ({ kind: 'history_gap', from: n, to: n, why: 'lost', project: '*' }));
    const state = told(start, ...many);
    expect(state.activity).toHaveLength(ACTIVITY_KEPT);
    expect(state.gaps).toHaveLength(GAPS_KEPT);
    expect(state.gaps.at(-1)?.from).toBe(ACTIVITY_KEPT + 4);
  });
});

describe('the topology', () => {
  test('a project appears, changes and goes', () => {
    const state = told(EMPTY_STATE, drawn());
    expect(state.projects.map((p) => p.id)).toEqual(['hello']);
    const frozen = told(state, { kind: 'tier_frozen', tier: 'staging', reason: 'audit' });
    const redrawn = told(
      frozen,
      drawn({ branch: 'next', tiers: [...tiers.slice(0, 1), { ...tiers[1], nodes: [node('n2'), node('n3')] }] }, 'updated'),
    );
    expect(redrawn.projects[0]).toMatchObject({
      branch: 'next',
      tiers: [{ id: 'host' }, { frozen: { reason: 'audit' }, nodes: [{ id: 'n2' }, { id: 'n3' }] }],
    });
    expect(told(redrawn, { ...drawn(undefined, 'deleted'), data: undefined }).projects).toEqual([]);
  });

  test('what is no project, or cannot be read, changes nothing', () => {
    const state = told(EMPTY_STATE, drawn());
    for (const odd of [{ ...drawn(), entity_type: 'operator' }, drawn({ branch: 7 }), drawn({}), { ...drawn(), entity_id: '../etc' }]) {
      expect(told(state, odd).projects).toBe(state.projects);
    }
  });

  test('the first tier lets every release in by itself, whatever the config says', () => {
    const state = told(EMPTY_STATE, drawn({ branch: 'main', tiers: tiers.map((tier) => ({ ...tier, auto_promote: false })) }));
    expect(state.projects[0]?.tiers.map((tier) => tier.auto_promote)).toEqual([true, false]);
  });
});

describe('a log that an older client wrote, without run ids and shas', () => {
  const rel = { version: '1.0.0', sha: 'a'.repeat(40) };
  const sando = [
    { kind: 'rebuild_requested', sha: rel.sha },
    { kind: 'build_start', ...rel },
    { kind: 'build_ok', ...rel, elapsed_s: 3 },
    { kind: 'promote_requested', tier: 'staging', version: '1.0.0' },
    { kind: 'deploy_start', tier: 'staging', node: 'n1', version: '1.0.0' },
    { kind: 'deploy_ok', tier: 'staging', node: 'n1', version: '1.0.0' },
    { kind: 'deploy_start', tier: 'staging', node: 'n2', version: '1.0.0' },
    { kind: 'deploy_ok', tier: 'staging', node: 'n2', version: '1.0.0' },
    { kind: 'promote_complete', tier: 'staging', version: '1.0.0' },
    { kind: 'gate_start', run_id: 5, tier: 'staging', version: '1.0.0', gate: 'manual_confirm' },
    {
      kind: 'gate_done',
      run_id: 5,
      tier: 'staging',
      version: '1.0.0',
      gate: 'manual_confirm',
      outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: 2 }] },
    },
    { kind: 'manual_confirm', tier: 'staging', version: '1.0.0' },
  ];

  test('is believed all the same', () => {
    const tier = told(EMPTY_STATE, drawn(), ...sando).projects[0]!.tiers[1]!;
    expect(tier).toMatchObject({
      current: { version: '1.0.0', sha: rel.sha, deployed: 'complete' },
      completed: ['1.0.0'],
      nodes: [{ deployed: { version: '1.0.0' } }, { deployed: { version: '1.0.0' } }],
    });
    const late = told(
      EMPTY_STATE,
      drawn(),
      ...sando.slice(0, 5),
      { kind: 'deploy_failed', tier: 'staging', node: 'n1', version: '1.0.0', failure: { type: 'transfer' } },
      sando[5]!,
    );
    expect(late.projects[0]?.tiers[1]?.nodes[0]).toMatchObject({ deploy: { status: 'failed' }, deployed: null });
    expect(tier.current?.gates['manual_confirm']).toMatchObject({ status: 'awaiting_confirm', have: [{ by: 'local:Ana' }], need: 2 });
  });
});
