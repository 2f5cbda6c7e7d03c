/** `entity` events of projects: the line as the config draws it. What a tier or node has lived through survives a change of its definition. */
import { ProjectTopology, RETRIES_MAX } from './topology.ts';
import { whenMissing, whenSatisfied } from './gate_slice.ts';
import type { NodeState, ProjectState, State, TierState } from './state.ts';
import type { EnvelopeOf } from '../protocol/envelope.ts';
import { ProjectId } from '../protocol/ids.ts';

export function onEntity(state: State, e: EnvelopeOf<'entity'>): State {
  if (e.entity_type !== 'project') return state;
  if (e.action === 'deleted') return { ...state, projects: state.projects.filter((project) => project.id !== e.entity_id) };
  const id = ProjectId.safeParse(e.entity_id);
  const topology = ProjectTopology.safeParse(e.data);
  if (!id.success || !topology.success) return state;
  const at = state.projects.findIndex((project) => project.id === id.data);
  const before = state.projects[at];
  const redrawn = drawn(before ?? emptyProject(id.data), topology.data, e.config_hash ?? null);
  // A gate that is gone may have been the last one that a release waited for, and one that is new is yet to be passed.
  const judged = redrawn.tiers.reduce((project, tier) => whenSatisfied(whenMissing(project, tier), tier.id, e.at), redrawn);
  const after = { ...judged, tiers: withNextInLine(judged, before?.tiers[0]?.next ?? null) };
  return { ...state, projects: before === undefined ? [...state.projects, after] : state.projects.with(at, after) };
}

/**
 * What waits to enter a tier has satisfied the tier before it, also when that is another one now: nothing passes over a tier that is new.
 * @param built what waited for the tier that was the first.
 */
function withNextInLine({ tiers, releases }: ProjectState, built: TierState['next']): TierState[] {
  return tiers.map((tier, at) => {
    const before = tiers[at - 1];
    if (before === undefined) return { ...tier, next: tier.next ?? built };
    const release = releases.find(({ version }) => version === tier.next?.version);
    return release?.satisfied.includes(before.id) === true ? tier : { ...tier, next: null };
  });
}

export function emptyProject(id: ProjectId): ProjectState {
  return { id, branch: '', config_hash: null, pushed: null, head: null, build: null, tiers: [], releases: [], runs: [], durations: {} };
}

function drawn(before: ProjectState, topology: ProjectTopology, config_hash: string | null): ProjectState {
  const { retry_interrupted: _, ...project } = before;
  return {
    ...project,
    branch: topology.branch,
    config_hash,
    ...retries(topology.build?.retry_interrupted),
    tiers: topology.tiers.map((t, index) =>
      drawnTier(
        project.tiers.find((tier) => tier.id === t.id),
        t,
        index === 0,
      ),
    ),
  };
}

function drawnTier(before: TierState | undefined, t: ProjectTopology['tiers'][number], first: boolean): TierState {
  const kept: Omit<TierState, 'id' | 'auto_promote' | 'canary' | 'gates' | 'nodes'> = before ?? {
    current: null,
    next: null,
    intended: null,
    move: null,
    completed: [],
    held: [],
    frozen: null,
    hand_only: null,
    last_rollback: null,
  };
  return {
    ...kept,
    id: t.id,
    auto_promote: first || t.auto_promote,
    canary: t.canary,
    gates: t.gates.map((gate) => ({
      id: gate.id,
      kind: gate.kind,
      ...(gate.for_s === undefined ? {} : { for_s: gate.for_s }),
      ...(gate.approvals === undefined ? {} : { approvals: gate.approvals }),
      ...retries(gate.retry_interrupted),
    })),
    nodes: t.nodes.map((node) =>
      drawnNode(
        before?.nodes.find((n) => n.id === node.id),
        node,
      ),
    ),
  };
}

function retries(asked: number | undefined): { retry_interrupted?: number } {
  return asked === undefined || asked === 0 ? {} : { retry_interrupted: Math.min(asked, RETRIES_MAX) };
}

function drawnNode(before: NodeState | undefined, node: ProjectTopology['tiers'][number]['nodes'][number]): NodeState {
  return { deployed: null, deploy: null, observed: null, ...before, id: node.id, health: node.health };
}
