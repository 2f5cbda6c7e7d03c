/** The bound on a project's state: the releases on or bound for a node, the newest others, and the runs that belong to them. */
import { RELEASES_KEPT, type ProjectState, type TierState } from './state.ts';

/** Runs of builds that gave no release, kept for the screens that show what failed lately. */
const LOOSE_RUNS_KEPT = 40;
export function bounded(project: ProjectState): ProjectState {
  const used = inUse(project);
  let others = 0;
  const releases = project.releases.filter((release) => used.has(release.version) || ++others <= RELEASES_KEPT);
  const kept = new Set<string>(releases.map((release) => release.version));
  const loose = Object.values(project.runs)
    .filter((run) => !kept.has(run.version))
    .sort((a, b) => b.run_id - a.run_id)
    .slice(LOOSE_RUNS_KEPT);
  if (releases.length === project.releases.length && loose.length === 0) return project;
  const runs = { ...project.runs };
  for (const run of loose) if (run.status !== 'running' && run.status !== 'blocked') delete runs[String(run.run_id)];
  return { ...project, releases, runs, tiers: project.tiers.map((tier) => withoutOldHolds(tier, kept)) };
}

/** A release that is forgotten can enter nowhere: its hold has nothing left to hold. */
function withoutOldHolds(tier: TierState, kept: ReadonlySet<string>): TierState {
  const held = tier.held.filter((hold) => kept.has(hold.version));
  return held.length === tier.held.length ? tier : { ...tier, held };
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
