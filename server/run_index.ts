/**
 * Every run the event log tells of, by number: the state keeps only the recent ones. It looks at the state after each commit and remembers
 * what changed; a run that the state has dropped since stays as it was last seen.
 */
import type { ProjectState, Run, State } from '../src/shared/fold/state.ts';
import type { RunIndex, IndexedRun, RunQuery } from './http/run_index_port.ts';

/** Runs remembered; beyond, the oldest go. Their logs and events stay. */
export const RUNS_KEPT = 20_000;

export class RunMemory implements RunIndex {
  readonly #runs = new Map<number, IndexedRun>();
  readonly #seen = new Map<string, ProjectState['runs']>();

  /** Call after each commit, and after each one folded at boot. */
  observe(state: State): void {
    for (const project of state.projects) {
      const before = this.#seen.get(project.id);
      if (before === project.runs) continue;
      this.#seen.set(project.id, project.runs);
      for (const [id, run] of Object.entries(project.runs)) if (before?.[id] !== run) this.#put({ ...run, project: project.id });
    }
  }

  /** Every run it remembers, in the order they were first seen. */
  all(): IndexedRun[] {
    return [...this.#runs.values()];
  }

  /** Goes on from what `all` gave when the state was this one. */
  restore(runs: readonly IndexedRun[], state: State): void {
    for (const run of runs) this.#put(run);
    for (const project of state.projects) this.#seen.set(project.id, project.runs);
  }

  #put(run: IndexedRun): void {
    this.#runs.set(run.run_id, run);
    const oldest = this.#runs.keys().next();
    if (this.#runs.size > RUNS_KEPT && oldest.done !== true) this.#runs.delete(oldest.value);
  }

  get(run_id: Run['run_id']): IndexedRun | null {
    return this.#runs.get(run_id) ?? null;
  }

  /** Newest first. */
  list(query: RunQuery): IndexedRun[] {
    const fits = (run: IndexedRun): boolean =>
      (query.project === undefined || run.project === query.project) &&
      (query.type === undefined || run.type === query.type) &&
      (query.status === undefined || run.status === query.status) &&
      (query.before === undefined || run.run_id < query.before);
    return [...this.#runs.values()]
      .filter(fits)
      .sort((a, b) => b.run_id - a.run_id)
      .slice(0, query.limit);
  }
}
