/**
 * The levers of a tier: what an operator may ask for there, in a fixed order, each with the command that says whether it is possible now.
 * A lever never acts by itself: pulling it opens the dialog of its `Ask`. Which levers exist follows from the tier alone; whether one
 * works is for `can` to say, through the `LeverCheck` a view hands down.
 */
import { promotable } from '../../shared/fold/entry.ts';
import { findRelease, tierBefore, tierVerdict } from '../../shared/fold/select.ts';
import type { ProjectState, TierState } from '../../shared/fold/state.ts';
import type { Command } from '../../shared/protocol/commands.ts';
import type { GateId, ProjectId, RunId, TierId, Version } from '../../shared/protocol/ids.ts';

/** Whether a lever works now, and the sentence that says why not. */
export type LeverState = { allowed: true } | { allowed: false; reason: string };
export type LeverCheck = (command: Command) => LeverState;

export type Ask =
  | { type: 'confirm'; project: ProjectId; tier: TierId }
  | { type: 'promote'; project: ProjectId; tier: TierId; version: Version | null }
  | { type: 'rollback'; project: ProjectId; tier: TierId }
  | { type: 'redeploy'; project: ProjectId; tier: TierId }
  | { type: 'lift_hold'; project: ProjectId; tier: TierId; version: Version }
  | { type: 'retry_gate'; project: ProjectId; tier: TierId; gate: GateId }
  | { type: 'cancel_run'; project: ProjectId; run_id: RunId }
  | { type: 'rebuild'; project: ProjectId };

export interface LeverSpec {
  ask: Ask;
  /** `Roll back…`: in a place that says which tier. */
  label: string;
  /** `Roll back production`: on its own. Begins with the words of the label, for those who speak what they see. */
  name: string;
  /** The lever works when one of these is allowed; the reason is the first one's. */
  probes: readonly Command[];
}

export function checkLever(spec: LeverSpec, check: LeverCheck): LeverState {
  let first: LeverState | null = null;
  for (const probe of spec.probes) {
    const state = check(probe);
    if (state.allowed) return state;
    first ??= state;
  }
  return first ?? { allowed: false, reason: 'Nothing to do.' };
}

/** Stands in for the reason an operator has not typed yet, when only the question is asked whether it would be possible. */
const SOME_REASON = 'asked';

export function leversOf(project: ProjectState, tier: TierState, short: (version: string) => string): LeverSpec[] {
  const levers: LeverSpec[] = [];
  const at = { project: project.id, tier: tier.id };
  const current = tier.current;
  if (tier.gates.some((gate) => gate.kind === 'manual_confirm')) {
    const what = current === null ? '' : ` ${short(current.version)}`;
    levers.push({
      ask: { type: 'confirm', ...at },
      label: `Confirm${what}…`,
      name: `Confirm${what} on ${tier.id}`,
      probes: [{ command: 'confirm', decision: 'confirm', ...at }],
    });
  }
  if (tierBefore(project, tier) !== undefined) levers.push(promoteLever(project, tier, null, short));
  if (tier.nodes.length > 0) {
    levers.push({
      ask: { type: 'rollback', ...at },
      label: 'Roll back…',
      name: `Roll back ${tier.id}`,
      probes: [{ command: 'rollback', ...at }],
    });
    levers.push({
      ask: { type: 'redeploy', ...at },
      label: 'Redeploy…',
      name: `Redeploy ${tier.id}`,
      probes: [{ command: 'redeploy', ...at }],
    });
  }
  for (const gate of tier.gates) {
    const status = current?.gates[gate.id]?.status;
    if (status === 'failed' || status === 'cancelled') levers.push(retryLever(project, tier, gate.id));
  }
  for (const hold of tier.held) levers.push(liftLever(project, tier, hold.version, short));
  const running = runningIn(tier);
  if (running !== null) levers.push(cancelLever(project, running.run_id, `${running.what} on ${tier.id}`));
  if (project.tiers[0]?.id === tier.id) levers.push(rebuildLever(project));
  return levers;
}

/** @param version null for whatever stands ready before the tier. */
export function promoteLever(
  project: ProjectState,
  tier: TierState,
  version: Version | null,
  short: (version: string) => string,
): LeverSpec {
  const meant = version ?? releaseToPromote(project, tier);
  const command = { command: 'promote', project: project.id, tier: tier.id, ...(meant === null ? {} : { version: meant }) } as const;
  const what = meant === null ? '' : ` ${short(meant)}`;
  return {
    ask: { type: 'promote', project: project.id, tier: tier.id, version: meant },
    label: `Promote${what}…`,
    name: `Promote${what} to ${tier.id}`,
    probes: [command, { ...command, hotfix: true, reason: SOME_REASON }],
  };
}

/** What a promote into the tier would mean: what is ready, or what stands before it and might go as a hotfix. */
export function releaseToPromote(project: ProjectState, tier: TierState): Version | null {
  const before = tierBefore(project, tier)?.current?.version ?? null;
  const version = promotable(project, tier) ?? before;
  return version !== null && findRelease(project, version) !== undefined ? version : null;
}

export function retryLever(project: ProjectState, tier: TierState, gate: GateId): LeverSpec {
  const at = { project: project.id, tier: tier.id, gate };
  return {
    ask: { type: 'retry_gate', ...at },
    label: `Retry gate ${gate}…`,
    name: `Retry gate ${gate} on ${tier.id}`,
    probes: [{ command: 'retry_gate', ...at }],
  };
}

export function liftLever(project: ProjectState, tier: TierState, version: Version, short: (version: string) => string): LeverSpec {
  const at = { project: project.id, tier: tier.id, version };
  return {
    ask: { type: 'lift_hold', ...at },
    label: `Lift the hold on ${short(version)}…`,
    name: `Lift the hold on ${short(version)} on ${tier.id}`,
    probes: [{ command: 'lift_hold', reason: SOME_REASON, ...at }],
  };
}

export function cancelLever(project: ProjectState, run_id: RunId, what: string): LeverSpec {
  return {
    ask: { type: 'cancel_run', project: project.id, run_id },
    label: 'Cancel run…',
    name: `Cancel run of ${what}`,
    probes: [{ command: 'cancel_run', run_id }],
  };
}

export function rebuildLever(project: ProjectState): LeverSpec {
  return {
    ask: { type: 'rebuild', project: project.id },
    label: 'Build again…',
    name: `Build again: ${project.id}`,
    probes: [{ command: 'rebuild', project: project.id }],
  };
}

/** The run of this tier that a cancel would end: a deploy first, else the gate that runs or burns in. */
export function runningIn(tier: TierState): { run_id: RunId; what: string } | null {
  for (const node of tier.nodes)
    if (node.deploy?.status === 'running') return { run_id: node.deploy.run_id, what: `the deploy to ${node.id}` };
  const verdict = tierVerdict(tier);
  return verdict.type === 'running' || verdict.type === 'waits_for_time' ? { run_id: verdict.run_id, what: verdict.gate.id } : null;
}
