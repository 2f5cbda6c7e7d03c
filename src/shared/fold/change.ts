/** Copy-on-write steps that the slices are made of: whatever is not touched stays the same object, so that a screen can tell by identity what moved. */
import type { ProjectState, Run, State, TierState } from './state.ts';
import { DURATIONS_KEPT } from './state.ts';
import { stepKeyOf } from './durations.ts';
import { putRun, runOf } from './runs.ts';
import type { Stamp } from '../protocol/envelope.ts';
import type { Outcome } from '../protocol/outcome.ts';

export function inProject(state: State, id: string, change: (project: ProjectState) => ProjectState): State {
  const at = state.projects.findIndex((project) => project.id === id);
  const before = state.projects[at];
  if (before === undefined) return state;
  const after = change(before);
  return after === before ? state : { ...state, projects: state.projects.with(at, after) };
}

export function inTier(project: ProjectState, id: string, change: (tier: TierState) => TierState): ProjectState {
  const at = project.tiers.findIndex((tier) => tier.id === id);
  const before = project.tiers[at];
  if (before === undefined) return project;
  const after = change(before);
  return after === before ? project : { ...project, tiers: project.tiers.with(at, after) };
}

export function inNode(tier: TierState, id: string, change: (node: TierState['nodes'][number]) => TierState['nodes'][number]): TierState {
  const at = tier.nodes.findIndex((node) => node.id === id);
  const before = tier.nodes[at];
  return before === undefined ? tier : { ...tier, nodes: tier.nodes.with(at, change(before)) };
}

export function inRelease(
  project: ProjectState,
  version: string,
  change: (release: ProjectState['releases'][number]) => ProjectState['releases'][number],
): ProjectState {
  const at = project.releases.findIndex((release) => release.version === version);
  const before = project.releases[at];
  return before === undefined ? project : { ...project, releases: project.releases.with(at, change(before)) };
}

/** A run still open, or undefined: a settled run stays settled, whatever comes later. */
export function openRun(project: ProjectState, run_id: number | undefined): Run | undefined {
  const run = runOf(project, run_id);
  return run !== undefined && (run.status === 'running' || run.status === 'blocked') ? run : undefined;
}

export interface RunEnding {
  status: 'passed' | 'failed' | 'cancelled';
  why?: Run['why'] | undefined;
  excerpt?: readonly string[] | undefined;
  cancelled?: Run['cancelled'];
  log?: { bytes?: number | undefined; sha256?: string | undefined };
  tests?: Run['tests'] | undefined;
  elapsed_s?: number | undefined;
}

export function settleRun(project: ProjectState, run: Run, stamp: Stamp, ending: RunEnding): ProjectState {
  const { bytes, sha256 } = ending.log ?? {};
  const ended: Run = {
    ...run,
    status: ending.status,
    ended_at: stamp.at,
    why: ending.why ?? null,
    excerpt: ending.excerpt ?? [],
    cancelled: ending.cancelled ?? null,
    log: bytes !== undefined && sha256 !== undefined ? { bytes, sha256 } : run.log,
    tests: ending.tests ?? null,
  };
  // Not by leaving it out of the copy: that takes three times as long, and hardly a run is ever stuck.
  if (ended.stuck !== undefined) delete ended.stuck;
  const settled = putRun(project, ended);
  if (ending.status !== 'passed') return settled;
  const seconds = ending.elapsed_s ?? (Date.parse(stamp.at) - Date.parse(run.started_at)) / 1000;
  const key = stepKeyOf(run);
  return {
    ...settled,
    durations: { ...settled.durations, [key]: [...(settled.durations[key]?.slice(1 - DURATIONS_KEPT) ?? []), seconds] },
  };
}

/** What a passed or failed outcome says of a run. */
export function endingOf(outcome: Exclude<Outcome, { status: 'blocked' }>): RunEnding {
  const log = { bytes: outcome.bytes, sha256: outcome.sha256 };
  if (outcome.status === 'passed') return { status: 'passed', log, tests: outcome.tests, elapsed_s: outcome.elapsed_s };
  const { classification } = outcome;
  const tests =
    classification.type === 'tests_failed' && typeof classification['failed'] === 'number' && typeof classification['passed'] === 'number'
      ? { passed: classification['passed'], failed: classification['failed'] }
      : null;
  return { status: 'failed', why: classification, excerpt: outcome.excerpt, log, tests };
}

export function byOf(stamp: Stamp): string {
  return stamp.actor ?? 'system:unknown';
}
