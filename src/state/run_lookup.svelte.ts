/** A run by its number, wherever it is known: in the dashboard state, which forgets old runs, or else by asking, once. */
import { findRun } from '../shared/fold/select.ts';
import type { ProjectState, Run } from '../shared/fold/state.ts';
import type { RunAnswer } from '../transport/run_answer.ts';
import type { App } from './context.ts';

export class RunLookup {
  #forgotten = $state.raw<RunAnswer | null>(null);
  #missing = $state.raw('');
  #asked = false;
  readonly #run_id: number;
  readonly #app: Pick<App, 'api' | 'dashboard'>;
  readonly #known = $derived.by(() => findRun(this.#app.dashboard.state, this.#run_id));

  constructor(run_id: number, app: Pick<App, 'api' | 'dashboard'>) {
    this.#run_id = run_id;
    this.#app = app;
  }

  /** Null while it is not known. */
  get run(): Run | null {
    return this.#known?.run ?? this.#forgotten;
  }
  /** Undefined for a run that the state has forgotten. */
  get project(): ProjectState | undefined {
    return this.#known?.project;
  }
  get project_id(): string | undefined {
    return this.#known?.project.id ?? this.#forgotten?.project;
  }
  /** Why there is no such run; '' as long as there may be one. */
  get missing(): string {
    return this.#missing;
  }

  /** Asks the server once it is known that the state has forgotten the run. For an effect. */
  ask(): void {
    if (!this.#app.dashboard.ready || this.#known !== undefined || this.#asked) return;
    this.#asked = true;
    this.#app.api.getRun(this.#run_id).then(
      (answer) => (this.#forgotten = answer),
      (error: unknown) => (this.#missing = error instanceof Error ? error.message : String(error)),
    );
  }
}
