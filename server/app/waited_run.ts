/** Whose log must stay whatever the bounds say: somebody or something is about to decide by it. */
import { runOf } from '../../src/shared/fold/runs.ts';
import { isOccupied } from '../../src/shared/fold/select.ts';
import type { State } from '../../src/shared/fold/state.ts';

/** The run has not ended, or its release is undecided in a tier or next in one. A run the state no longer knows is waited on by nothing. */
export function isWaitedOn(state: State, run_id: number): boolean {
  for (const project of state.projects) {
    const run = runOf(project, run_id);
    if (run === undefined) continue;
    if (run.ended_at === null) return true;
    return project.tiers.some((tier) => tier.next?.version === run.version || (tier.current?.version === run.version && isOccupied(tier)));
  }
  return false;
}
