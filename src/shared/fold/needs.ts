/** What waits for a hand. */
import { nextWaitsFor, type Wait } from './entry.ts';
import { isMixed } from './nodes.ts';
import { runOf } from './runs.ts';
import { isOccupied, tierVerdict } from './select.ts';
import type { GateDef, ProjectState, Run, State, TierState } from './state.ts';
import type { Instant, ProjectId, RunId, Version } from '../protocol/ids.ts';

/** The build that did not give a release and that nothing newer has replaced. */
export function failedBuild(project: ProjectState): Run | null {
  if (project.build?.status !== 'failed') return null;
  return runOf(project, project.build.run_id) ?? null;
}

export type Need =
  | { type: 'confirm'; id: string; project: ProjectId; tier: TierState; version: Version; since: Instant; gate: GateDef; run_id: RunId }
  | { type: 'promote'; id: string; project: ProjectId; tier: TierState; version: Version; since: Instant; wait: Wait }
  | { type: 'gate_failed'; id: string; project: ProjectId; tier: TierState; version: Version; since: Instant; gate: GateDef; run: Run }
  | { type: 'deploy_failed'; id: string; project: ProjectId; tier: TierState; version: Version; since: Instant; run: Run | null }
  | { type: 'mixed'; id: string; project: ProjectId; tier: TierState; version: Version; since: Instant }
  | { type: 'build_failed'; id: string; project: ProjectId; version: Version; since: Instant; run: Run }
  | { type: 'run_stuck'; id: string; project: ProjectId; version: Version; since: Instant; run: Run };

/** What waits for a hand, oldest first. `id` stays the same for as long as it is the same thing that waits. */
export function needsYou(state: State): Need[] {
  return state.projects.flatMap((project) => needsOf(project)).sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

function needsOf(project: ProjectState): Need[] {
  const needs: Need[] = [];
  const failed = failedBuild(project);
  if (failed !== null) {
    needs.push({
      type: 'build_failed',
      id: `${project.id}/build/${failed.run_id}`,
      project: project.id,
      version: failed.version,
      since: failed.ended_at ?? failed.started_at,
      run: failed,
    });
  }
  for (const run of project.runs) {
    if (run.status !== 'running' || run.stuck === undefined) continue;
    needs.push({
      type: 'run_stuck',
      id: `${project.id}/stuck/${run.run_id}`,
      project: project.id,
      version: run.version,
      since: run.stuck.at,
      run,
    });
  }
  for (const tier of project.tiers) needs.push(...needsOfTier(project, tier));
  return needs;
}

function needsOfTier(project: ProjectState, tier: TierState): Need[] {
  const needs: Need[] = [];
  const base = { project: project.id, tier };
  const path = `${project.id}/${tier.id}`;
  const verdict = tierVerdict(tier);
  const current = tier.current;
  if (current !== null) {
    const version = current.version;
    if (verdict.type === 'waits_for_hand') {
      needs.push({
        ...base,
        type: 'confirm',
        id: `${path}/confirm/${verdict.run_id}`,
        version,
        since: verdict.since,
        gate: verdict.gate,
        run_id: verdict.run_id,
      });
    } else if (verdict.type === 'failed') {
      const run = runOf(project, verdict.run_id);
      if (run !== undefined)
        needs.push({
          ...base,
          type: 'gate_failed',
          id: `${path}/gate/${verdict.run_id}`,
          version,
          since: run.ended_at ?? run.started_at,
          gate: verdict.gate,
          run,
        });
    } else if (verdict.type === 'deploy_failed') {
      const run = runOf(project, current.failure?.run_id) ?? null;
      needs.push({
        ...base,
        type: 'deploy_failed',
        id: `${path}/deploy/${current.seq_no}/${run?.run_id ?? 0}`,
        version,
        since: run?.ended_at ?? current.since_at,
        run,
      });
    } else if (isMixed(tier) && tier.intended !== null) {
      needs.push({
        ...base,
        type: 'mixed',
        id: `${path}/mixed/${current.seq_no}`,
        version: tier.intended.version,
        since: tier.intended.since_at,
      });
    }
  }
  const wait = nextWaitsFor(project, tier);
  if (tier.next !== null && wait !== null && (wait.why === 'manual' || wait.why === 'hand_only') && !isOccupied(tier)) {
    needs.push({
      ...base,
      type: 'promote',
      id: `${path}/promote/${tier.next.version}`,
      version: tier.next.version,
      since: tier.next.since_at,
      wait,
    });
  }
  return needs;
}
