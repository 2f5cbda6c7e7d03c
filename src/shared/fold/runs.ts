/**
 * The runs of a project, a list by number. Not a map, though they are looked up by number: most steps of the fold put a run, and copying a
 * list of two hundred takes a tenth of a microsecond, a map whose keys are numbers some fifteen.
 */
import { isOwn, own } from './scratch.ts';
import type { ProjectState, Run } from './state.ts';

/** Where the run is, or where it belongs. */
function placeOf(runs: readonly Run[], run_id: number): number {
  let [low, high] = [0, runs.length];
  // The newest is the likeliest.
  if ((runs[high - 1]?.run_id ?? 0) < run_id) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.run_id ?? 0) < run_id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @returns undefined for a run that is not kept, for no number and for no project. */
export function runOf(project: ProjectState | undefined, run_id: number | null | undefined): Run | undefined {
  if (project === undefined || run_id == null) return undefined;
  const run = project.runs[placeOf(project.runs, run_id)];
  return run?.run_id === run_id ? run : undefined;
}

export function putRun(project: ProjectState, run: Run): ProjectState {
  const runs = changeable(project.runs);
  const at = placeOf(runs, run.run_id);
  if (runs[at]?.run_id === run.run_id) runs[at] = run;
  else runs.splice(at, 0, run);
  return { ...project, runs };
}

export function withoutRuns(project: ProjectState, old: ReadonlySet<number>): ProjectState {
  let left = old.size;
  const runs = project.runs.filter(({ run_id }) => {
    // They are the oldest, or nearly: once all are found the rest is not looked up.
    if (left === 0 || !old.has(run_id)) return true;
    left -= 1;
    return false;
  });
  return { ...project, runs: own(runs) };
}

function changeable(runs: readonly Run[]): Run[] {
  return isOwn(runs) ? (runs as Run[]) : own(runs.slice());
}
