/**
 * Questions one may ask of the state. Every screen and every rule asks here, so that the panel, the dialogs and the server never disagree
 * on what "busy" or "mixed" means. Pure; nothing here reads a clock: what depends on time takes it as an argument.
 */
import { runOf } from './runs.ts';
import type { GateDef, GateState, Move, ProjectState, Release, Run, State, TierRelease, TierState } from './state.ts';
import { PROCESS_GATES } from './topology.ts';
import type { Instant, RunId } from '../protocol/ids.ts';

export function findProject(state: State, id: string): ProjectState | undefined {
  return state.projects.find((project) => project.id === id);
}

export function findTier(project: ProjectState, id: string): TierState | undefined {
  return project.tiers.find((tier) => tier.id === id);
}

export function tierBefore(project: ProjectState, tier: TierState): TierState | undefined {
  return project.tiers[project.tiers.findIndex((t) => t.id === tier.id) - 1];
}

export function tierAfter(project: ProjectState, tier: TierState): TierState | undefined {
  return project.tiers[project.tiers.findIndex((t) => t.id === tier.id) + 1];
}

export function findRelease(project: ProjectState, version: string): Release | undefined {
  return project.releases.find((release) => release.version === version);
}

export function findRun(state: State, run_id: RunId): { project: ProjectState; run: Run } | undefined {
  for (const project of state.projects) {
    const run = runOf(project, run_id);
    if (run !== undefined) return { project, run };
  }
  return undefined;
}

/** Attempts of one gate for one release, oldest first. */
export function attemptsOf(project: ProjectState, tier: string, gate: string, version: string): Run[] {
  return project.runs.filter((run) => run.type === 'gate' && run.tier === tier && run.gate === gate && run.version === version);
}

/** Other runs that one may want to read beside a run: its other attempts, then the others of the same release; each newest first. */
export function runsBeside(project: ProjectState, run: Run): { attempts: Run[]; same_release: Run[] } {
  const others = Object.values(project.runs)
    .filter((other) => other.run_id !== run.run_id && other.version === run.version)
    .sort((a, b) => b.run_id - a.run_id);
  const isAttempt = (other: Run): boolean =>
    other.type === run.type && other.tier === run.tier && other.gate === run.gate && other.node === run.node;
  return { attempts: others.filter(isAttempt), same_release: others.filter((other) => !isAttempt(other)) };
}

export type TierVerdict =
  | { type: 'empty' }
  | { type: 'moving'; move: Move }
  | { type: 'deploy_failed'; failure: TierRelease['failure'] }
  | { type: 'queued'; gate: GateDef }
  | { type: 'running'; gate: GateDef; run_id: RunId }
  | { type: 'waits_for_time'; gate: GateDef; run_id: RunId; until: Instant }
  | { type: 'waits_for_hand'; gate: GateDef; run_id: RunId; have: number; need: number; since: Instant }
  | { type: 'failed'; gate: GateDef; run_id: RunId }
  | { type: 'rejected'; gate: GateDef; run_id: RunId; by: string; at: Instant }
  | { type: 'cancelled'; gate: GateDef; run_id: RunId; by: string; reason: string }
  | { type: 'satisfied' }
  | { type: 'rolled_back' };

/** A gate run that has begun and not ended. */
export function isUnderWay(
  state: GateState | undefined,
): state is Extract<GateState, { status: 'running' | 'burning_in' | 'awaiting_confirm' }> {
  return state?.status === 'running' || state?.status === 'burning_in' || state?.status === 'awaiting_confirm';
}

/**
 * What the tier's current release is doing, in one word. The tier's gates run one after another, so the one under way decides, else the first that
 * has not passed; they differ when a reload put a gate before the one that runs.
 */
export function tierVerdict(tier: TierState): TierVerdict {
  if (tier.move !== null) return { type: 'moving', move: tier.move };
  const current = tier.current;
  if (current === null) return { type: 'empty' };
  if (current.deployed !== 'complete') return { type: 'deploy_failed', failure: current.failure };
  if (current.entry === 'rollback') return { type: 'rolled_back' };
  const gate = gateAt(tier, current);
  return gate === undefined ? { type: 'satisfied' } : gateVerdict(gate, current.gates[gate.id]);
}

/** The gate that the tier's release stands at; undefined when it has passed them all. */
export function gateAt(tier: TierState, current: TierRelease): GateDef | undefined {
  return (
    tier.gates.find((gate) => isUnderWay(current.gates[gate.id])) ?? tier.gates.find((gate) => current.gates[gate.id]?.status !== 'passed')
  );
}

function gateVerdict(gate: GateDef, state: GateState | undefined): TierVerdict {
  if (state === undefined) return { type: 'queued', gate };
  switch (state.status) {
    case 'passed':
      return { type: 'satisfied' };
    case 'queued':
      return { type: 'queued', gate };
    case 'running':
      return { type: 'running', gate, run_id: state.run_id };
    case 'burning_in':
      return { type: 'waits_for_time', gate, run_id: state.run_id, until: state.until };
    case 'awaiting_confirm':
      return { type: 'waits_for_hand', gate, run_id: state.run_id, have: state.have.length, need: state.need, since: state.started_at };
    case 'failed':
      return gate.kind === 'manual_confirm'
        ? { type: 'rejected', gate, run_id: state.run_id, by: state.by ?? 'system:unknown', at: state.ended_at }
        : { type: 'failed', gate, run_id: state.run_id };
    case 'cancelled':
      return { type: 'cancelled', gate, run_id: state.run_id, by: state.by, reason: state.reason };
    default:
      return state satisfies never;
  }
}

/** The confirm that waits in this tier, also while its release is being put on a node again. */
export function waitingConfirm(tier: TierState): { gate: GateDef; state: Extract<GateState, { status: 'awaiting_confirm' }> } | null {
  for (const gate of tier.gates) {
    const state = tier.current?.gates[gate.id];
    if (state?.status === 'awaiting_confirm') return { gate, state };
  }
  return null;
}

/** The tier's release is undecided: something runs or waits. Auto-promotion waits for the end of it. */
export function isOccupied(tier: TierState): boolean {
  switch (tierVerdict(tier).type) {
    case 'moving':
    case 'queued':
    case 'running':
    case 'waits_for_time':
    case 'waits_for_hand':
      return true;
    default:
      return false;
  }
}

/** A deploy or gate process runs there. */
export function isBusy(tier: TierState): boolean {
  const verdict = tierVerdict(tier);
  return verdict.type === 'moving' || ((verdict.type === 'running' || verdict.type === 'queued') && PROCESS_GATES.has(verdict.gate.kind));
}

export type GateStatus = 'not_reached' | GateState['status'] | 'skipped' | 'interrupted' | 'rejected';

/** How the gate stands for the tier's current release, with the two things that are outcomes but look different: skipped and interrupted. */
export function gateStatus(tier: TierState, gate: GateDef): GateStatus {
  const state = tier.current?.gates[gate.id];
  if (state === undefined) return 'not_reached';
  if (state.status === 'passed' && state.outcome.status === 'passed' && state.outcome.skipped !== undefined) return 'skipped';
  if (state.status === 'failed' && state.outcome.status === 'failed') {
    if (state.outcome.classification.type === 'interrupted') return 'interrupted';
    if (state.outcome.classification.type === 'rejected') return 'rejected';
  }
  return state.status;
}

/** Gates of a tier that its current release has not satisfied, by id. */
export function missingGates(tier: TierState): GateDef[] {
  return tier.gates.filter((gate) => tier.current?.gates[gate.id]?.status !== 'passed');
}
