/** Releases that move or are undecided, as the panel draws them. */
import { stepKey } from './durations.ts';
import { gateStatus, tierVerdict } from './select.ts';
import type { GateDef, ProjectState, TierState } from './state.ts';
import type { Instant, RunId, Version } from '../protocol/ids.ts';

export type TrainPlace =
  | { at: 'push' }
  /** Being put on the tier's nodes. */
  | { at: 'tier'; tier: TierState['id'] }
  /** Before this gate, after its tier's station. */
  | { at: 'gate'; tier: TierState['id']; gate: GateDef['id'] }
  /** Waits to enter this tier. */
  | { at: 'before'; tier: TierState['id'] };

export interface Train {
  version: Version;
  place: TrainPlace;
  /** Looks: what it does there. */
  status: 'running' | 'deploying' | 'waits' | 'hand' | 'failed' | 'interrupted' | 'cancelled' | 'rolling_back';
  run_id: RunId | null;
  started_at: Instant;
  /** Key of `usual`, when a bar makes sense. */
  step: string | null;
}

/** Releases that move or are undecided, in the order of the line. A release can be two trains; a plate is what a tier runs. */
export function trains(project: ProjectState): Train[] {
  const out: Train[] = [];
  const build = project.build;
  if (build !== null && (build.status === 'running' || build.status === 'failed')) {
    out.push({
      version: build.version,
      place: { at: 'push' },
      status: build.status,
      run_id: build.run_id,
      started_at: build.started_at,
      step: stepKey.build,
    });
  }
  for (const tier of project.tiers) {
    if (tier.next !== null && tier.next.version !== tier.current?.version) {
      out.push({
        version: tier.next.version,
        place: { at: 'before', tier: tier.id },
        status: 'waits',
        run_id: null,
        started_at: tier.next.since_at,
        step: null,
      });
    }
    const train = trainIn(tier);
    if (train !== null) out.push(train);
  }
  return out;
}

function trainIn(tier: TierState): Train | null {
  const current = tier.current;
  if (current === null) return null;
  const verdict = tierVerdict(tier);
  const onTier = (status: Train['status'], started_at: Instant): Train => ({
    version: tier.move?.version ?? current.version,
    place: { at: 'tier', tier: tier.id },
    status,
    run_id: tier.nodes.find((n) => n.deploy?.status === 'running')?.deploy?.run_id ?? current.failure?.run_id ?? null,
    started_at,
    step: status === 'deploying' ? stepKey.deploy(tier.id) : null,
  });
  const atGate = (gate: GateDef, status: Train['status'], run_id: RunId | null): Train => {
    const state = current.gates[gate.id];
    return {
      version: current.version,
      place: { at: 'gate', tier: tier.id, gate: gate.id },
      status,
      run_id,
      started_at: state !== undefined && state.status !== 'queued' ? state.started_at : current.since_at,
      step: status === 'running' ? stepKey.gate(tier.id, gate.id) : null,
    };
  };
  switch (verdict.type) {
    case 'empty':
    case 'satisfied':
    case 'rolled_back':
      return null;
    case 'moving':
      return onTier(verdict.move.type === 'rollback' ? 'rolling_back' : 'deploying', verdict.move.started_at);
    case 'deploy_failed':
      return onTier(verdict.failure?.failure?.type === 'interrupted' ? 'interrupted' : 'failed', current.since_at);
    case 'queued':
      return atGate(verdict.gate, 'waits', null);
    case 'running':
      return atGate(verdict.gate, 'running', verdict.run_id);
    case 'waits_for_time':
      return atGate(verdict.gate, 'waits', verdict.run_id);
    case 'waits_for_hand':
      return atGate(verdict.gate, 'hand', verdict.run_id);
    case 'failed':
    case 'rejected':
      return atGate(verdict.gate, gateStatus(tier, verdict.gate) === 'interrupted' ? 'interrupted' : 'failed', verdict.run_id);
    case 'cancelled':
      return atGate(verdict.gate, 'cancelled', verdict.run_id);
    default:
      return verdict satisfies never;
  }
}
