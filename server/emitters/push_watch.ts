/**
 * Notices pushes nobody told the server of: at boot and every minute it compares each branch with the last push that was recorded. The
 * invariant: the newest commit of a branch is offered until it is recorded. Without it a push during a restart, or into a repository without
 * our hook, would wait for the next one. It decides nothing and reports a trouble once, not every minute.
 */
import type { Clock } from '../clock.ts';
import { GitError, type Repository } from './git_port.ts';

export interface WatchedBranch {
  project: string;
  branch: string;
  repository: Pick<Repository, 'head' | 'isEmpty'>;
}

export interface PushWatchOptions {
  /** Asked at every look, so that a changed config counts at the next one. */
  branches: () => readonly WatchedBranch[];
  clock: Clock;
  /** The last recorded push of the project, or null. */
  getPushed: (project: string) => string | null;
  /** Resolves when the push is recorded. */
  onPush: (project: string, sha: string) => Promise<unknown>;
  /** Receives a sentence once per change of what is wrong with a project. */
  report: (message: string) => void;
  every_ms?: number;
}

export const PUSH_WATCH_MS = 60_000;

export class PushWatch {
  readonly #options: PushWatchOptions;
  readonly #every_ms: number;
  readonly #troubles = new Map<string, string>();
  readonly #closing = new AbortController();
  #looking: Promise<void> | null = null;
  #cancelNext = (): void => undefined;

  constructor(options: PushWatchOptions) {
    this.#options = options;
    this.#every_ms = options.every_ms ?? PUSH_WATCH_MS;
  }

  /** Resolves after the first look; the next one follows `every_ms` after each has ended. Never rejects. */
  start(): Promise<void> {
    return this.look();
  }

  /** Looks now; while a look is on its way, waits for that one. Never rejects. */
  look(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    this.#looking ??= this.#lookAtAll();
    return this.#looking;
  }

  /** Ends a look on its way. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server stops'));
    this.#cancelNext();
    await this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const { branches, clock } = this.#options;
    this.#cancelNext();
    // Side by side: one repository on a slow disk or network must not keep the others waiting.
    await Promise.all(branches().map((branch) => this.#lookAt(branch)));
    this.#looking = null;
    if (!this.#closing.signal.aborted) this.#cancelNext = clock.after(this.#every_ms, () => void this.look());
  }

  async #lookAt({ project, branch, repository }: WatchedBranch): Promise<void> {
    const { getPushed, onPush, report } = this.#options;
    const { signal } = this.#closing;
    try {
      const head = await repository.head(branch, signal);
      // Before the first push it is only waited for; afterwards it was mistyped or deleted.
      if (head === null && (getPushed(project) !== null || !(await repository.isEmpty(signal))))
        throw new GitError(`${project} has no branch ${branch}.`);
      if (head !== null && head !== getPushed(project) && !signal.aborted) await onPush(project, head);
      if (this.#troubles.delete(project)) report(`Pushes to ${project} are noticed again.`);
    } catch (error) {
      if (signal.aborted) return;
      const trouble = error instanceof Error ? error.message : String(error);
      if (this.#troubles.get(project) === trouble) return;
      this.#troubles.set(project, trouble);
      report(`Pushes to ${project} are not noticed: ${trouble}`);
    }
  }
}
