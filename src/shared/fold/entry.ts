/** What may enter a tier: what is next and why it waits, what a rollback may put back, and what is held. */
import { findRelease, isOccupied, tierBefore } from './select.ts';
import type { ProjectState, TierState } from './state.ts';
import type { Version } from '../protocol/ids.ts';

/** Releases a rollback may put back, the one before first: completed here, not held, older in this tier than the one that is taken off. */
export function rollbackTargets(project: ProjectState, tier: TierState): Version[] {
  if (tier.current === null) return [];
  const { version: from, before, completed_at } = tier.current;
  // A release that has not completed since it came has no place among those that did: it stands upon the one it came to replace.
  const older =
    completed_at === null
      ? Math.max(
          0,
          tier.completed.findIndex((version) => version === before),
        )
      : tier.completed.indexOf(from) + 1;
  return tier.completed
    .slice(older)
    .filter((version) => version !== from && findRelease(project, version) !== undefined && holdOn(project, tier, version) === undefined);
}

/** What a rollback puts back when nobody says otherwise, or null. One whose gate failed here only when there is no other. */
export function rollbackTarget(project: ProjectState, tier: TierState): Version | null {
  const targets = rollbackTargets(project, tier);
  return targets.find((version) => findRelease(project, version)?.failed.includes(tier.id) === false) ?? targets[0] ?? null;
}

export interface HoldOn {
  /** Where it was set. */
  tier: TierState;
  hold: TierState['held'][number];
}

/** The hold that keeps a release out of this tier: set here or in an earlier tier. */
export function holdOn(project: ProjectState, tier: TierState, version: string): HoldOn | undefined {
  for (const earlier of project.tiers) {
    const hold = earlier.held.find((h) => h.version === version);
    if (hold !== undefined) return { tier: earlier, hold };
    if (earlier.id === tier.id) return undefined;
  }
  return undefined;
}

/** The hold that keeps a release from further nodes of the tier it has entered. Once it has completed there, a node that drifted may have it back. */
export function holdOnNodes(project: ProjectState, tier: TierState, version: string): HoldOn | undefined {
  const { current } = tier;
  return current?.version === version && current.completed_at === null ? holdOn(project, tier, version) : undefined;
}

/** What would enter the tier if somebody promoted now. */
export function promotable(project: ProjectState, tier: TierState): Version | null {
  const before = tierBefore(project, tier);
  if (before === undefined) return null;
  if (tier.next !== null) return tier.next.version;
  const version = before.current?.version;
  if (version === undefined || version === tier.current?.version) return null;
  return findRelease(project, version)?.satisfied.includes(before.id) === true ? version : null;
}

/** Why the release that is next does not enter by itself; null when it is free to, or there is none. */
export type Wait =
  | { why: 'manual' }
  | { why: 'occupied'; by: Version }
  | { why: 'frozen'; reason: string; by: string }
  | { why: 'held' }
  | { why: 'hand_only'; hand_only: NonNullable<TierState['hand_only']> }
  | { why: 'once' };
export function nextWaitsFor(project: ProjectState, tier: TierState): Wait | null {
  const next = tier.next;
  if (next === null) return null;
  if (!tier.auto_promote) return { why: 'manual' };
  if (tier.frozen !== null) return { why: 'frozen', reason: tier.frozen.reason, by: tier.frozen.by };
  if (holdOn(project, tier, next.version) !== undefined) return { why: 'held' };
  // Nobody can promote into the first tier by hand: a push brings the next release in, whatever became of the one before.
  if (tier.hand_only !== null && tierBefore(project, tier) !== undefined) return { why: 'hand_only', hand_only: tier.hand_only };
  if (isOccupied(tier) && tier.current !== null) return { why: 'occupied', by: tier.move?.version ?? tier.current.version };
  if (findRelease(project, next.version)?.entered.includes(tier.id) === true) return { why: 'once' };
  return null;
}
