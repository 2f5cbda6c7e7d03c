import { describe, expect, test } from 'vitest';
import { decodeEnvelopes } from '../protocol/codec.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { LOOSE_RUNS_KEPT } from './bound.ts';
import { fold } from './fold.ts';
import { runOf } from './runs.ts';
import { EMPTY_STATE, RELEASES_KEPT, type ProjectState, type State } from './state.ts';

const at = '2026-11-14T02:03:11.004Z';
const read = (envelope: object): Envelope => decodeEnvelopes(JSON.stringify([envelope]), PROTOCOL_VERSION)[0]!;
const told = (state: State, ...events: object[]): State =>
  events.reduce<State>(
    (s, event) => fold(s, read({ seq_no: s.seq_no + 1, id: '', at, project: 'hello', actor: 'local:Ana', ...event })),
    state,
  );
const project = (state: State): ProjectState => state.projects[0]!;
const runIds = (state: State): number[] => project(state).runs.map((run) => run.run_id);

const gate = { id: 'unit_tests', kind: 'command' };
const tier = { id: 'host', auto_promote: true, canary: 'sequential', gates: [gate], nodes: [{ id: 'n1', health: 'none' }] };
const line = told(EMPTY_STATE, {
  kind: 'entity',
  action: 'created',
  entity_type: 'project',
  entity_id: 'hello',
  data: { branch: 'main', tiers: [tier] },
});

const shaOf = (n: number): string => n.toString(16).padStart(40, '0');
const of = (n: number) => ({ version: `1.0.${n}`, sha: shaOf(n) });
const begun = (n: number, run_id: number) => ({ kind: 'build_start', ...of(n), run_id });
const built = (n: number, run_id: number) => ({
  kind: 'build_ok',
  ...of(n),
  run_id,
  elapsed_s: 1,
  log_ref: '',
  bytes: 1,
  sha256: '0'.repeat(64),
});
const failed = (n: number, run_id: number) => ({
  kind: 'build_failed',
  ...of(n),
  run_id,
  elapsed_s: 1,
  excerpt: [],
  failure: { type: 'exit_code', code: 1 },
  log_ref: '',
  bytes: 1,
  sha256: '0'.repeat(64),
});
const checked = (n: number, run_id: number) => ({ kind: 'gate_start', ...of(n), tier: 'host', gate: 'unit_tests', run_id });

/** So many builds fail one after another, the first as run `from`. */
const failures = (state: State, count: number, from: number): State =>
  Array.from({ length: count }, (_, n) => from + n).reduce((s, n) => told(s, begun(n, n), failed(n, n)), state);

describe('runs', () => {
  test('of which nobody ever tells the end are forgotten with their releases, like any others', () => {
    let state = line;
    for (let n = 0; n < 400; n++) state = told(state, begun(n, 2 * n + 1), built(n, 2 * n + 1), checked(n, 2 * n + 2));
    // The newest, which is next in the tier, is kept besides.
    const releases = RELEASES_KEPT + 1;
    expect(project(state).releases.length).toBe(releases);
    expect(runIds(state).length).toBeLessThanOrEqual(2 * releases + LOOSE_RUNS_KEPT + 2);
  });

  test('of builds that nobody ended are forgotten too', () => {
    let state = line;
    for (let n = 1; n < 400; n++) state = told(state, begun(n, n));
    expect(runIds(state)).toHaveLength(LOOSE_RUNS_KEPT);
    expect(runIds(state).at(-1)).toBe(399);
  });

  test('stay while a node stands at them, whatever became of the release, and go when they have ended', () => {
    const deploying = told(line, {
      kind: 'deploy_start',
      tier: 'host',
      node: 'n1',
      version: '0.9.0',
      sha: shaOf(9),
      run_id: 1,
      attempt: 1,
      fence: '1.1',
    });
    const later = failures(deploying, 3 * LOOSE_RUNS_KEPT, 2);
    expect(runOf(project(later), 1)?.status).toBe('running');
    const ended = told(later, {
      ...failed(1, 1),
      kind: 'deploy_failed',
      tier: 'host',
      node: 'n1',
      version: '0.9.0',
      sha: shaOf(9),
      attempt: 1,
      failure: { type: 'exit_code', code: 1, step: 'deploy' },
    });
    expect(runOf(project(ended), 1)?.status).toBe('failed');
    expect(runOf(project(failures(ended, 1, 900)), 1)).toBeUndefined();
  });

  test('stay while a gate stands at them', () => {
    const entered = told(
      line,
      { kind: 'promote_requested', tier: 'host', ...of(1), version: '0.9.0' },
      { kind: 'promote_complete', tier: 'host', ...of(1), version: '0.9.0' },
      { ...checked(1, 1), version: '0.9.0' },
    );
    expect(project(entered).tiers[0]?.current?.gates['unit_tests']?.status).toBe('running');
    expect(runOf(project(failures(entered, 3 * LOOSE_RUNS_KEPT, 2)), 1)?.status).toBe('running');
  });
});
