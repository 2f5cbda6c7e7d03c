/**
 * Subscriptions for drivers that live in this process. Stored and live commits take the same way: each `next` reads the log after the
 * last commit it gave, and waits for an append only when there is none. So there is no seam at which one could be lost or come twice.
 */
import { LogError, type LogSubscription, type StoredCommit } from './port.ts';

/** Commits read at once for one subscriber. */
const PULL_COMMITS = 100;

/** @returns commits that hold envelopes with seq_no > after, in order, about `limit`, at least one if there is one; must answer without waiting. */
export type Pull = (after: number, limit: number) => StoredCommit[];

export class Feed {
  readonly #pull: Pull;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(pull: Pull) {
    this.#pull = pull;
  }

  /** The log has grown. */
  appended(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Ends all subscriptions. Idempotent. */
  close(): void {
    this.#closed = true;
    this.appended();
  }

  /** @param after seq_no; the commit that holds the next one comes first, whole. */
  subscribe(after: number): LogSubscription {
    let position = after;
    let buffer: StoredCommit[] = [];
    let closed = false;
    const take = (): StoredCommit | undefined => {
      if (buffer.length === 0) buffer = this.#pull(position, PULL_COMMITS);
      const commit = buffer.shift();
      if (commit !== undefined) position = commit.first_seq + commit.envelopes.length - 1;
      return commit;
    };
    const mine = new Set<() => void>();
    return {
      next: async (signal) => {
        for (;;) {
          signal?.throwIfAborted();
          if (closed || this.#closed) throw new LogError('closed', 'the subscription is closed');
          const commit = take();
          if (commit !== undefined) return commit;
          await this.#wait(mine, signal);
        }
      },
      close: () => {
        closed = true;
        for (const wake of mine) wake();
      },
    };
  }

  #wait(mine: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        mine.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      mine.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
