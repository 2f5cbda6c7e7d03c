/**
 * Every run the event log tells of, by number: the state keeps only the recent ones. It looks at the state after each commit and remembers
 * what changed; a run that the state has dropped since stays as it was last seen.
 */
import { runOf } from '../src/shared/fold/runs.ts';
import { findProject } from '../src/shared/fold/select.ts';
import type { ProjectState, Run, State } from '../src/shared/fold/state.ts';
import type { RunIndex, IndexedRun, RunQuery } from './http/run_index_port.ts';

/** Runs remembered; beyond, the oldest go. Their logs and events stay. */
export const RUNS_KEPT = 20_000;

export class RunMemory implements RunIndex {
  readonly #runs = new Map<number, IndexedRun>();
  /** Runs of a state, which are never changed but replaced, that it has put. */
  readonly #known = new WeakSet<Run>();
  #seq_no = 0;

  /** Call after each commit, and after each envelope folded at boot. */
  observe(state: State): void {
    const { activity, seq_no } = state;
    const before = this.#seq_no;
    this.#seq_no = seq_no;
    // An envelope changes no run but the one it names, or the build's. Looking at every run of the state costs more than folding the envelope.
    if ((activity[0]?.seq_no ?? Infinity) > before) return this.#observeAll(state);
    for (let at = activity.length - 1; at >= 0; at--) {
      const envelope = activity[at];
      if (envelope === undefined || envelope.seq_no <= before) return;
      const project = findProject(state, envelope.project);
      if (project === undefined) continue;
      const named = 'run_id' in envelope && typeof envelope.run_id === 'number' ? envelope.run_id : project.build?.run_id;
      this.#see(project, runOf(project, named));
    }
  }

  #observeAll({ projects }: State): void {
    for (const project of projects) for (const run of project.runs) this.#see(project, run);
  }

  #see(project: ProjectState, run: Run | undefined): void {
    if (run === undefined || this.#known.has(run)) return;
    this.#known.add(run);
    this.#put({ ...run, project: project.id });
  }

  /** Every run it remembers, in the order they were first seen. */
  all(): IndexedRun[] {
    return [...this.#runs.values()];
  }

  /** Goes on from what `all` gave when the state was this one. */
  restore(runs: readonly IndexedRun[], state: State): void {
    for (const run of runs) this.#put(run);
    this.#seq_no = state.seq_no;
    for (const project of state.projects) for (const run of project.runs) this.#known.add(run);
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
