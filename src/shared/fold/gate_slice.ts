/** Gates of a tier's current release. The first `passed` or `failed` of a run wins; a late word for a settled or replaced run changes nothing. */
import { byOf, endingOf, inRelease, inTier, openRun, settleRun } from './change.ts';
import { putRun } from './runs.ts';
import { findRelease, findTier, missingGates, tierAfter } from './select.ts';
import type { GateState, ProjectState, TierState } from './state.ts';
import type { EnvelopeOf } from '../protocol/envelope.ts';
import { SYSTEM_ACTOR, type TierId, type Version } from '../protocol/ids.ts';
import type { Outcome } from '../protocol/outcome.ts';

function setGate(
  project: ProjectState,
  tierId: string,
  gate: string,
  change: (state: GateState | undefined, tier: TierState) => GateState | undefined,
): ProjectState {
  return inTier(project, tierId, (tier) => {
    if (tier.current === null) return tier;
    const after = change(tier.current.gates[gate], tier);
    return after === undefined ? tier : { ...tier, current: { ...tier.current, gates: { ...tier.current.gates, [gate]: after } } };
  });
}

export function onGateStart(project: ProjectState, e: EnvelopeOf<'gate_start'>): ProjectState {
  const tier = findTier(project, e.tier);
  const attempt = e.attempt ?? 1;
  const withRun = putRun(project, {
    run_id: e.run_id,
    type: 'gate',
    version: e.version,
    sha: e.sha ?? null,
    tier: e.tier,
    gate: e.gate,
    gate_kind: tier?.gates.find((gate) => gate.id === e.gate)?.kind ?? null,
    node: null,
    attempt,
    status: 'running',
    started_at: e.at,
    ended_at: null,
    why: null,
    excerpt: [],
    cancelled: null,
    log: null,
    tests: null,
  });
  if (tier?.current?.version !== e.version) return withRun;
  return setGate(withRun, e.tier, e.gate, (state) => ({
    status: 'running',
    run_id: e.run_id,
    attempt,
    started_at: e.at,
    ...(state?.status === 'queued' ? retriedOf(state) : {}),
  }));
}

export function onGateDone(project: ProjectState, e: EnvelopeOf<'gate_done'>): ProjectState {
  const run = openRun(project, e.run_id);
  if (run === undefined) return project;
  if (e.outcome.status === 'blocked') return onBlocked(putRun(project, { ...run, status: 'blocked' }), e, e.outcome);
  const outcome = e.outcome;
  const settled = settleRun(project, run, e, endingOf(outcome));
  const skipped = outcome.status === 'passed' ? outcome.skipped?.by : undefined;
  const by = skipped ?? (run.gate_kind === 'manual_confirm' ? byOf(e) : null);
  const state = findTier(project, e.tier)?.current?.gates[e.gate];
  if (state === undefined || !('run_id' in state) || state.run_id !== e.run_id) return settled;
  const { run_id, attempt, started_at } = state;
  const retried = retriedOf(state);
  const gated = setGate(settled, e.tier, e.gate, () => ({
    status: outcome.status,
    run_id,
    attempt,
    started_at,
    ...retried,
    ended_at: e.at,
    outcome,
    by,
  }));
  if (outcome.status === 'passed') return whenSatisfied(gated, e.tier, e.at);
  if (outcome.classification.type === 'interrupted') return gated;
  const failed = inRelease(gated, e.version, (release) => ({ ...release, failed: [...new Set([...release.failed, e.tier])] }));
  return outcome.classification.type === 'rejected'
    ? inTier(failed, e.tier, (tier) => ({ ...tier, hand_only: { why: 'rejected', at: e.at, by: byOf(e) } }))
    : failed;
}

function onBlocked(project: ProjectState, e: EnvelopeOf<'gate_done'>, outcome: Extract<Outcome, { status: 'blocked' }>): ProjectState {
  const burning = outcome.blockers.some((blocker) => blocker.type === 'burn_in');
  const since = burning
    ? inTier(project, e.tier, (tier) =>
        tier.current === null ? tier : { ...tier, current: { ...tier.current, burn_in_since: tier.current.burn_in_since ?? e.at } },
      )
    : project;
  return setGate(since, e.tier, e.gate, (state) => {
    if (state === undefined || !('run_id' in state) || state.run_id !== e.run_id) return undefined;
    const { run_id, attempt, started_at } = state;
    for (const blocker of outcome.blockers) {
      if (blocker.type === 'burn_in' && typeof blocker['until'] === 'string')
        return { status: 'burning_in', run_id, attempt, started_at, until: blocker['until'] };
      if (blocker.type === 'awaiting_confirm' && typeof blocker['need'] === 'number') {
        return {
          status: 'awaiting_confirm',
          run_id,
          attempt,
          started_at,
          have: state.status === 'awaiting_confirm' ? state.have : [],
          need: blocker['need'],
        };
      }
    }
    return undefined;
  });
}

/** Every gate passed: the release is satisfied here and becomes what is next in the tier after, unless it has been there. */
export function whenSatisfied(project: ProjectState, tierId: string, at: string): ProjectState {
  const tier = findTier(project, tierId);
  const current = tier?.current;
  if (tier === undefined || current == null || current.deployed !== 'complete' || current.entry === 'rollback') return project;
  if (tier.gates.some((gate) => current.gates[gate.id]?.status !== 'passed')) return project;
  const satisfied = inRelease(project, current.version, (release) => ({
    ...release,
    satisfied: [...new Set([...release.satisfied, tier.id])],
    failed: release.failed.filter((id) => id !== tier.id),
  }));
  const after = tierAfter(satisfied, tier);
  if (after === undefined || after.next?.version === current.version) return satisfied;
  if (findRelease(satisfied, current.version)?.entered.includes(after.id) !== false) return satisfied;
  return inTier(satisfied, after.id, (t) => ({ ...t, next: { version: current.version, sha: current.sha, since_at: at } }));
}

/** A gate that the release in this tier has yet to pass takes back that it was satisfied. After a rollback there is none to pass. */
export function whenMissing(project: ProjectState, tier: TierState): ProjectState {
  const { current } = tier;
  if (current === null || current.entry === 'rollback' || missingGates(tier).length === 0) return project;
  return withoutSatisfied(project, tier.id, current.version);
}

/** The release is to pass the gates of this tier again: until then it is not next in the tier after. */
export function withoutSatisfied(project: ProjectState, tierId: TierId, version: Version): ProjectState {
  const tier = findTier(project, tierId);
  if (tier === undefined || findRelease(project, version)?.satisfied.includes(tierId) !== true) return project;
  const taken = inRelease(project, version, (release) => ({ ...release, satisfied: release.satisfied.filter((id) => id !== tierId) }));
  const after = tierAfter(taken, tier);
  return after?.next?.version === version ? inTier(taken, after.id, (t) => ({ ...t, next: null })) : taken;
}

export function onManualConfirm(project: ProjectState, e: EnvelopeOf<'manual_confirm'>): ProjectState {
  if (e.decision === 'reject') return project;
  const tier = findTier(project, e.tier);
  const gate = e.gate ?? tier?.gates.find((g) => tier.current?.gates[g.id]?.status === 'awaiting_confirm')?.id;
  if (gate === undefined || tier?.current?.version !== e.version) return project;
  return setGate(project, e.tier, gate, (state) =>
    state?.status === 'awaiting_confirm'
      ? { ...state, have: [...state.have, { by: byOf(e), at: e.at, comment: e.comment ?? null }] }
      : undefined,
  );
}

export function onGateRetryRequested(project: ProjectState, e: EnvelopeOf<'gate_retry_requested'>): ProjectState {
  return setGate(project, e.tier, e.gate, (state) => ({
    status: 'queued',
    attempt: (state?.attempt ?? 0) + 1,
    // A person who asks again begins the counting anew.
    ...(e.actor === SYSTEM_ACTOR ? { retried: (state?.retried ?? 0) + 1 } : {}),
  }));
}

function retriedOf({ retried }: { retried?: number }): { retried?: number } {
  return retried === undefined ? {} : { retried };
}

/** It is under way as before; that nobody can record its end is shown on it. */
export function onRunStuck(project: ProjectState, e: EnvelopeOf<'run_stuck'>): ProjectState {
  const run = openRun(project, e.run_id);
  return run === undefined ? project : putRun(project, { ...run, stuck: { reason: e.reason, at: e.at } });
}

export function onRunCancelled(project: ProjectState, e: EnvelopeOf<'run_cancelled'>): ProjectState {
  const run = openRun(project, e.run_id);
  if (run === undefined) return project;
  const by = byOf(e);
  const settled = settleRun(project, run, e, { status: 'cancelled', cancelled: { reason: e.reason, by } });
  if (run.tier === null) return settled;
  const first = project.tiers[0]?.id === run.tier;
  return inTier(settled, run.tier, (tier) => {
    const nodes = tier.nodes.map((node) =>
      // As after a failed deploy: what it runs now is not known until it is asked.
      node.deploy?.run_id === run.run_id
        ? { ...node, deployed: null, observed: null, deploy: { ...node.deploy, status: 'cancelled' as const } }
        : node,
    );
    const state = run.gate === null ? undefined : tier.current?.gates[run.gate];
    const gates =
      tier.current === null || run.gate === null || state === undefined || !('run_id' in state) || state.run_id !== run.run_id
        ? tier.current?.gates
        : {
            ...tier.current.gates,
            [run.gate]: {
              status: 'cancelled' as const,
              run_id: run.run_id,
              attempt: state.attempt,
              started_at: state.started_at,
              ...retriedOf(state),
              ended_at: e.at,
              reason: e.reason,
              by,
            },
          };
    return {
      ...tier,
      nodes,
      current: tier.current === null || gates === undefined ? tier.current : { ...tier.current, gates },
      // Stopped by a person: only a person lets the next one in. The first tier goes on with the next push.
      hand_only: e.reason === 'cancelled' && !first ? { why: 'cancelled', at: e.at, by } : tier.hand_only,
    };
  });
}
