/** Moves of a release into a tier and back, and what they leave behind: completed releases, holds, and who must act next. */
import { byOf, inRelease, inTier } from './change.ts';
import { withoutOldReleases } from './bound.ts';
import { findRelease } from './select.ts';
import { whenSatisfied, withoutSatisfied } from './gate_slice.ts';
import { COMPLETED_KEPT, type ProjectState, type TierState } from './state.ts';
import type { EnvelopeOf } from '../protocol/envelope.ts';
import type { Sha, Version } from '../protocol/ids.ts';

function shaOf(project: ProjectState, version: string, given: Sha | undefined): Sha | undefined {
  return given ?? findRelease(project, version)?.sha;
}

export function onPromoteRequested(project: ProjectState, e: EnvelopeOf<'promote_requested'>): ProjectState {
  const sha = shaOf(project, e.version, e.sha);
  if (sha === undefined) return project;
  const by = byOf(e);
  const auto = e.auto === true;
  const entered = inTier(project, e.tier, (tier) => ({
    ...tier,
    next: tier.next?.version === e.version ? null : tier.next,
    hand_only: auto ? tier.hand_only : null,
    intended: { version: e.version, sha, since_at: e.at, by },
    move: {
      type: 'promote',
      version: e.version,
      sha,
      from: tier.current?.version ?? null,
      nodes: tier.nodes.map((n) => n.id),
      seq_no: e.seq_no,
      started_at: e.at,
      by,
      reason: e.reason ?? null,
    },
    current: {
      version: e.version,
      sha,
      seq_no: e.seq_no,
      since_at: e.at,
      by,
      entry: auto ? 'auto' : 'promote',
      before: ranBefore(tier),
      hotfix: e.hotfix === true ? { by, reason: e.reason ?? null } : null,
      deployed: 'pending',
      failure: null,
      completed_at: null,
      gates: {},
      burn_in_since: tier.current?.version === e.version && e.reset_burn_in !== true ? tier.current.burn_in_since : null,
    },
  }));
  const unproven = withoutSatisfied(entered, e.tier, e.version);
  return inRelease(unproven, e.version, (release) => ({ ...release, entered: [...new Set([...release.entered, e.tier])] }));
}

function ranBefore(tier: TierState): Version | null {
  if (tier.current === null) return null;
  const { version, completed_at, before } = tier.current;
  return completed_at === null ? before : version;
}

export function onPromoteComplete(project: ProjectState, e: EnvelopeOf<'promote_complete'>): ProjectState {
  const complete = inTier(project, e.tier, (tier) => {
    if (tier.current?.version !== e.version) return { ...tier, move: null };
    const { completed_at } = tier.current;
    return {
      ...tier,
      move: null,
      current: { ...tier.current, deployed: 'complete', failure: null, completed_at: completed_at ?? e.at },
      completed:
        completed_at === null
          ? [e.version, ...tier.completed.filter((version) => version !== e.version)].slice(0, COMPLETED_KEPT)
          : tier.completed,
    };
  });
  return withoutOldReleases(whenSatisfied(complete, e.tier, e.at));
}

export function onPromoteFailed(project: ProjectState, e: EnvelopeOf<'promote_failed'>): ProjectState {
  return inTier(project, e.tier, (tier) => stopped(tier, e, e.version));
}

export function onRollbackFailed(project: ProjectState, e: EnvelopeOf<'rollback_failed'>): ProjectState {
  return inTier(project, e.tier, (tier) => stopped(tier, e, e.from));
}

function stopped(tier: TierState, e: EnvelopeOf<'promote_failed'> | EnvelopeOf<'rollback_failed'>, version: string): TierState {
  // A redeploy of some nodes says nothing of the others: what had come here is here still.
  if (tier.move?.type === 'redeploy' && tier.current?.completed_at != null && !tier.move.nodes.some((id) => id === e.node))
    return { ...tier, move: null };
  const run_id = e.node === undefined ? null : (tier.nodes.find((node) => node.id === e.node)?.deploy?.run_id ?? null);
  return {
    ...tier,
    move: null,
    // Whoever cancelled the deploy that ended it has said so already.
    hand_only:
      e.reason === 'cancelled' && tier.hand_only?.why === 'cancelled' ? tier.hand_only : { why: 'deploy_failed', at: e.at, by: byOf(e) },
    current:
      tier.current?.version === version
        ? { ...tier.current, deployed: 'failed', failure: { node: e.node ?? null, failure: e.failure ?? null, run_id } }
        : tier.current,
  };
}

export function onRedeployRequested(project: ProjectState, e: EnvelopeOf<'redeploy_requested'>): ProjectState {
  const sha = shaOf(project, e.version, e.sha);
  if (sha === undefined) return project;
  return inTier(project, e.tier, (tier) => ({
    ...tier,
    move: {
      type: 'redeploy',
      version: e.version,
      sha,
      from: tier.current === null || tier.current.version === e.version ? null : tier.current.version,
      nodes: e.nodes,
      seq_no: e.seq_no,
      started_at: e.at,
      by: byOf(e),
      reason: e.reason ?? null,
    },
  }));
}

export function onRollbackRequested(project: ProjectState, e: EnvelopeOf<'rollback_requested'>): ProjectState {
  const sha = shaOf(project, e.to, undefined);
  if (sha === undefined) return project;
  const by = byOf(e);
  return inTier(project, e.tier, (tier) => ({
    ...tier,
    intended: { version: e.to, sha, since_at: e.at, by },
    move: {
      type: 'rollback',
      version: e.to,
      sha,
      from: e.from,
      nodes: e.nodes ?? tier.nodes.map((n) => n.id),
      seq_no: e.seq_no,
      started_at: e.at,
      by,
      reason: e.reason ?? null,
    },
  }));
}

export function onRollback(project: ProjectState, e: EnvelopeOf<'rollback'>): ProjectState {
  const sha = shaOf(project, e.to, e.sha);
  if (sha === undefined) return project;
  const asked = project.tiers.find((t) => t.id === e.tier)?.move?.by ?? byOf(e);
  return inTier(project, e.tier, (tier) => ({
    ...tier,
    move: null,
    intended: { version: e.to, sha, since_at: e.at, by: asked },
    current: {
      version: e.to,
      sha,
      seq_no: e.seq_no,
      since_at: e.at,
      by: asked,
      entry: 'rollback',
      before: null,
      hotfix: null,
      deployed: 'complete',
      failure: null,
      completed_at: e.at,
      gates: {},
      burn_in_since: null,
    },
    hand_only: { why: 'rolled_back', at: e.at, by: asked },
    last_rollback: { from: e.from, to: e.to, at: e.at, by: asked, reason: e.reason ?? null },
  }));
}

export function onReleaseHeld(project: ProjectState, e: EnvelopeOf<'release_held'>): ProjectState {
  const from = project.tiers.findIndex((tier) => tier.id === e.tier);
  if (from < 0) return project;
  const hold = { version: e.version, sha: e.sha ?? null, at: e.at, by: byOf(e), reason: e.reason ?? null };
  return {
    ...project,
    tiers: project.tiers.map((tier, i) => {
      if (i < from) return tier;
      const next = tier.next?.version === e.version ? null : tier.next;
      return i === from ? { ...tier, next, held: [...tier.held.filter((h) => h.version !== e.version), hold] } : { ...tier, next };
    }),
  };
}

export function onReleaseReleased(project: ProjectState, e: EnvelopeOf<'release_released'>): ProjectState {
  return inTier(project, e.tier, (tier) => ({ ...tier, held: tier.held.filter((hold) => hold.version !== e.version) }));
}
