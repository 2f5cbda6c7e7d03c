/** How long a run may be expected to take and to be silent, from earlier runs of the same step. Guesses nothing without history. */
import { stepKeyOf, usual } from '../src/shared/fold/durations.ts';
import { findProject } from '../src/shared/fold/select.ts';
import type { State } from '../src/shared/fold/state.ts';
import type { PaceAnswer } from '../src/shared/protocol/run_log.ts';
import type { IndexedRun, RunIndex } from './http/run_index_port.ts';

/** Passed runs whose silence is looked at. */
export const PACE_RUNS_MOST = 10;
/** Runs of the project that are looked through for them. */
const RUNS_LOOKED_THROUGH = 500;

export interface PaceDeps {
  runs: Pick<RunIndex, 'list'>;
  /** The longest time without output in a run's log, ms; null when it has no log or nobody knows. */
  longestPause: (run_id: number) => Promise<number | null>;
}

/** @param state what its project's steps usually take is in it, also when the run itself has been forgotten. */
export async function paceOf(run: IndexedRun, state: State, { runs, longestPause }: PaceDeps): Promise<PaceAnswer> {
  const project = findProject(state, run.project);
  const step = project === undefined ? null : usual(project, stepKeyOf(run));
  const earlier = await runs.list({
    project: run.project,
    type: run.type,
    status: 'passed',
    before: run.run_id,
    limit: RUNS_LOOKED_THROUGH,
  });
  const same = earlier.filter((other) => stepKeyOf(other) === stepKeyOf(run)).slice(0, PACE_RUNS_MOST);
  const pauses = (await Promise.all(same.map(({ run_id }) => longestPause(run_id)))).filter((ms) => ms !== null);
  return {
    run_id: run.run_id,
    usual: step === null ? null : { p50_s: step.p50, p90_s: step.p90, runs: step.runs },
    pause: pauses.length === 0 ? null : { usual_s: middle(pauses) / 1000, runs: pauses.length },
  };
}

/** As `usual`: of an even number the larger of the two in the middle. */
function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
