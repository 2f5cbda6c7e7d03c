import { expect, it } from 'vitest';
import type { Config, ProjectConfig } from './config.ts';
import { diffTopology, topologyHash, topologyOf } from './topology.ts';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import type { State } from '../../src/shared/fold/state.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { GateId, NodeId, ProjectId, TierId } from '../../src/shared/protocol/ids.ts';

const project: ProjectConfig = {
  id: ProjectId.parse('hello'),
  repo: '/secret/path.git',
  branch: 'main',
  env: { PASSWORD_LIKE: 'x1' },
  secrets: ['TOKEN'],
  build: { run: 'make secret-script', artifacts: ['dist'], timeout_ms: 1 },
  keep_releases: 5,
  tiers: [
    {
      id: TierId.parse('host'),
      auto_promote: true,
      canary: 'sequential',
      nodes: [],
      gates: [{ id: GateId.parse('burn'), kind: 'burn_in', for_ms: 1500 }],
    },
    {
      id: TierId.parse('prod'),
      auto_promote: false,
      canary: 'parallel',
      nodes: [
        {
          id: NodeId.parse('n1'),
          root: '/n1',
          restart: 'restart',
          health: { http: 'http://a', expect: '$VERSION', within_ms: 1 },
          timeout_ms: 1,
        },
        { id: NodeId.parse('n2'), root: '/n2', restart: null, health: { http: 'http://a', expect: null, within_ms: 1 }, timeout_ms: 1 },
        { id: NodeId.parse('n3'), root: '/n3', restart: null, health: null, timeout_ms: 1 },
      ],
      gates: [
        { id: GateId.parse('tests'), kind: 'command', run: 'npm test', junit: null, timeout_ms: 1 },
        { id: GateId.parse('ok'), kind: 'manual_confirm', approvals: 1 },
      ],
    },
  ],
};
const config = (...projects: ProjectConfig[]): Config => ({ file: '/x/signalbox.yaml', hash: '', public_url: null, projects });

function folded(state: State, project: string, ...events: Event[]): State {
  return events.reduce((before, event) => {
    const stamp = { seq_no: before.seq_no + 1, id: `id-${before.seq_no + 1}`, at: '2026-11-14T02:03:11.004Z', project };
    return fold(before, { ...stamp, ...event } as Envelope);
  }, state);
}

it('tells the line without scripts, paths, environment and secrets', () => {
  expect(topologyOf(project)).toEqual({
    branch: 'main',
    tiers: [
      { id: 'host', auto_promote: true, canary: 'sequential', gates: [{ id: 'burn', kind: 'burn_in', for_s: 1.5 }], nodes: [] },
      {
        id: 'prod',
        auto_promote: false,
        canary: 'parallel',
        gates: [
          { id: 'tests', kind: 'command' },
          { id: 'ok', kind: 'manual_confirm', approvals: 1 },
        ],
        nodes: [
          { id: 'n1', health: 'probed' },
          { id: 'n2', health: 'answers' },
          { id: 'n3', health: 'none' },
        ],
      },
    ],
  });
});

it('creates, then says nothing, then updates, then deletes', () => {
  const data = topologyOf(project);
  const created = diffTopology(EMPTY_STATE, config(project));
  expect(created).toEqual([
    { kind: 'entity', action: 'created', entity_type: 'project', entity_id: 'hello', data, config_hash: topologyHash(data) },
  ]);
  let state = folded(EMPTY_STATE, 'hello', ...created);
  expect(diffTopology(state, config(project))).toEqual([]);
  expect(diffTopology(state, config({ ...project, build: { ...project.build, run: 'other' } }))).toEqual([]);

  const changed = { ...project, branch: 'next' };
  const updated = diffTopology(state, config(changed));
  expect(updated).toMatchObject([{ action: 'updated', entity_id: 'hello', data: { branch: 'next' } }]);
  state = folded(state, 'hello', ...updated);
  expect(state.projects[0]?.branch).toBe('next');
  expect(diffTopology(state, config(changed))).toEqual([]);

  const deleted = diffTopology(state, config());
  expect(deleted).toEqual([{ kind: 'entity', action: 'deleted', entity_type: 'project', entity_id: 'hello' }]);
  expect(folded(state, 'hello', ...deleted).projects).toEqual([]);
});

it('refuses to remove a tier whose release is undecided', () => {
  const state = folded(EMPTY_STATE, 'hello', ...diffTopology(EMPTY_STATE, config(project)));
  const withoutHost = config({ ...project, tiers: project.tiers.slice(1) });
  expect(diffTopology(state, withoutHost)).toHaveLength(1);

  const occupied: State = {
    ...state,
    projects: state.projects.map((p) => ({
      ...p,
      tiers: p.tiers.map((tier, index) =>
        index > 0
          ? tier
          : {
              ...tier,
              current: {
                version: '1.0.0' as never,
                sha: 'a'.repeat(40) as never,
                seq_no: 1,
                since_at: '2026-11-14T02:03:11.004Z',
                by: 'system:pipeline',
                entry: 'auto',
                hotfix: null,
                deployed: 'complete',
                failure: null,
                completed_at: '2026-11-14T02:03:11.004Z',
                gates: {},
                burn_in_since: null,
                before: null,
              },
            },
      ),
    })),
  };
  expect(() => diffTopology(occupied, withoutHost)).toThrow(/tier `host` of `hello` cannot be removed while 1\.0\.0 is undecided/);
  expect(() => diffTopology(occupied, config())).toThrow('cannot be removed');
  expect(diffTopology(occupied, config(project))).toEqual([]);
});

it('tells how often what a restart interrupted begins again, and draws a line without it as before', () => {
  const again = {
    ...project,
    build: { ...project.build, retry_interrupted: 1 },
    tiers: project.tiers.map((tier) => ({
      ...tier,
      gates: tier.gates.map((gate) => (gate.kind === 'command' ? { ...gate, retry_interrupted: 2 } : gate)),
    })),
  };
  expect(topologyOf(again)).toMatchObject({
    build: { retry_interrupted: 1 },
    tiers: [{}, { gates: [{ id: 'tests', kind: 'command', retry_interrupted: 2 }, { id: 'ok' }] }],
  });
  expect(topologyOf(project)).not.toHaveProperty('build');
  const state = folded(EMPTY_STATE, 'hello', ...diffTopology(EMPTY_STATE, config(again)));
  expect(state.projects[0]).toMatchObject({ retry_interrupted: 1, tiers: [{}, { gates: [{ retry_interrupted: 2 }, {}] }] });
  const without = folded(state, 'hello', ...diffTopology(state, config(project)));
  expect(without.projects[0]).not.toHaveProperty('retry_interrupted');
  expect(without.projects[0]?.tiers[1]?.gates[0]).not.toHaveProperty('retry_interrupted');
});
