/** A run by its number, wherever it is known: in the dashboard state, which forgets old runs, or else by asking, until there is an answer. */
import { findRun } from '../shared/fold/select.ts';
import type { ProjectState, Run } from '../shared/fold/state.ts';
import type { RunAnswer } from '../transport/run_answer.ts';
import { ApiError } from '../transport/http_json.ts';
import type { App } from './context.ts';
import { pageTimer } from './page_timer.ts';
import type { CursorTimer } from './time_cursor.svelte.ts';

/** After a question that was not answered. */
export const ASK_AGAIN_MS = 2_000;

export class RunLookup {
  #forgotten = $state.raw<RunAnswer | null>(null);
  #missing = $state.raw('');
  #problem = $state.raw('');
  #asked = false;
  #closed = false;
  #stopWaiting: (() => void) | null = null;
  readonly #run_id: number;
  readonly #app: Pick<App, 'api' | 'dashboard'>;
  readonly #timer: Pick<CursorTimer, 'after'>;
  readonly #known = $derived.by(() => findRun(this.#app.dashboard.state, this.#run_id));

  constructor(run_id: number, app: Pick<App, 'api' | 'dashboard'>, timer: Pick<CursorTimer, 'after'> = pageTimer) {
    this.#run_id = run_id;
    this.#app = app;
    this.#timer = timer;
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

  /** Why it is not known yet, when the server could not be asked; it is asked again. */
  get problem(): string {
    return this.#problem;
  }

  /** Asks the server once it is known that the state has forgotten the run. For an effect. */
  ask(): void {
    if (!this.#app.dashboard.ready || this.#known !== undefined || this.#asked) return;
    this.#asked = true;
    this.#app.api.getRun(this.#run_id).then(
      (answer) => (this.#forgotten = answer),
      (error: unknown) => this.#refused(error),
    );
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#stopWaiting?.();
  }

  #refused(error: unknown): void {
    const sentence = error instanceof Error ? error.message : String(error);
    // Silence, or a server in trouble, says nothing of the run.
    const isAnswer = error instanceof ApiError && error.status >= 400 && error.status < 500;
    if (isAnswer) this.#missing = sentence;
    else this.#problem = sentence;
    if (isAnswer || this.#closed) return;
    this.#stopWaiting = this.#timer.after(ASK_AGAIN_MS, () => {
      this.#asked = false;
      this.ask();
    });
  }
}
