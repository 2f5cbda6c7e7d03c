/** The bound on a project's state: the releases on or bound for a node, the newest others, and the runs that belong to them. */
import { withoutRuns } from './runs.ts';
import { isUnderWay } from './select.ts';
import { RELEASES_KEPT, type ProjectState } from './state.ts';

/** Runs of versions that are no kept release, kept for the screens that show what failed lately. */
export const LOOSE_RUNS_KEPT = 40;

/** Forgets old releases. Their runs go when the next build begins: counting runs costs as much as all the rest of a step. */
export function withoutOldReleases(project: ProjectState): ProjectState {
  if (project.releases.length <= RELEASES_KEPT) return project;
  const used = inUse(project);
  let others = 0;
  const releases = project.releases.filter((release) => used.has(release.version) || ++others <= RELEASES_KEPT);
  return releases.length === project.releases.length ? project : withoutOldHolds({ ...project, releases });
}

/** Forgets old releases and runs. A run that something still stands for stays, whatever its version. */
export function bounded(before: ProjectState): ProjectState {
  const project = withoutOldReleases(before);
  const old = oldRuns(project);
  return old.size === 0 ? project : withoutOldHolds(withoutRuns(project, old));
}

function oldRuns(project: ProjectState): Set<number> {
  const kept = versionsOf(project);
  const { runs } = project;
  const old = new Set<number>();
  let loose = 0;
  // Most runs stand beside others of their version: asked once for all of them.
  let version: string | null = null;
  let isLoose = false;
  for (let at = runs.length - 1; at >= 0; at--) {
    const run = runs[at];
    if (run === undefined) continue;
    if (run.version !== version) {
      version = run.version;
      isLoose = !kept.has(version);
    }
    if (isLoose && ++loose > LOOSE_RUNS_KEPT) old.add(run.run_id);
  }
  if (old.size > 0) for (const run_id of underWay(project)) old.delete(run_id);
  return old;
}

/**
 * Runs that a build, a gate or a node stands at. Not those whose status says that they go: once nothing stands at a run any more, its end
 * may never be told, and it would stay for ever.
 */
function underWay(project: ProjectState): Set<number> {
  const going = new Set<number>();
  if (project.build?.status === 'running') going.add(project.build.run_id);
  for (const { current, nodes } of project.tiers) {
    for (const gate of Object.values(current?.gates ?? {})) if (isUnderWay(gate)) going.add(gate.run_id);
    for (const { deploy } of nodes) if (deploy?.status === 'running') going.add(deploy.run_id);
  }
  return going;
}

function versionsOf({ releases }: ProjectState): Set<string> {
  return new Set(releases.map((release) => release.version));
}

/** A release that is forgotten can enter nowhere: its hold has nothing left to hold. */
function withoutOldHolds(project: ProjectState): ProjectState {
  if (project.tiers.every((tier) => tier.held.length === 0)) return project;
  const kept = versionsOf(project);
  return {
    ...project,
    tiers: project.tiers.map((tier) => {
      const held = tier.held.filter((hold) => kept.has(hold.version));
      return held.length === tier.held.length ? tier : { ...tier, held };
    }),
  };
}

function inUse(project: ProjectState): Set<string> {
  const used = new Set<string>();
  const add = (version: string | null | undefined): void => {
    if (version != null) used.add(version);
  };
  for (const tier of project.tiers) {
    add(tier.current?.version);
    add(tier.next?.version);
    add(tier.intended?.version);
    add(tier.move?.version);
    add(tier.move?.from);
    tier.completed.forEach(add);
    add(tier.current?.before);
    for (const node of tier.nodes) {
      add(node.deployed?.version);
      add(node.observed?.version);
    }
  }
  return used;
}
