/**
 * Which pages of a log are asked for, and when. Only what is wanted now: the newest wish replaces the one before, and what is on its way for an older one is
 * cancelled, so that dragging through a long log asks for no more than the end of the drag. Each page once at a time, few at once. One that failed is not
 * asked for again until somebody says so.
 */

/** So many requests at once leave room for the page's others on a browser's six connections. */
export const REQUESTS_MOST = 3;

export class PageQueue {
  #wanted: number[] = [];
  readonly #running = new Map<number, AbortController>();
  readonly #failed = new Map<number, string>();
  readonly #fetch: (page: number, signal: AbortSignal) => Promise<void>;
  readonly #changed: () => void;

  /** @param fetch rejects with a sentence. @param changed calls when a page has come or failed. */
  constructor(fetch: (page: number, signal: AbortSignal) => Promise<void>, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** Why a page did not come; null when it did not fail. */
  failure(page: number): string | null {
    return this.#failed.get(page) ?? null;
  }

  /** Exactly these from now on, the first first. */
  want(pages: readonly number[]): void {
    this.#wanted = pages.filter((page) => !this.#failed.has(page));
    for (const [page, controller] of this.#running) {
      if (pages.includes(page)) continue;
      this.#running.delete(page);
      controller.abort();
    }
    this.#next();
  }

  /** Those that failed may be asked for again. */
  forgive(page: number): void {
    if (this.#failed.delete(page)) this.#changed();
  }

  /** Idempotent. */
  close(): void {
    this.want([]);
    this.#failed.clear();
  }

  #next(): void {
    for (const page of this.#wanted) {
      if (this.#running.size >= REQUESTS_MOST) return;
      if (!this.#running.has(page)) void this.#run(page);
    }
  }

  async #run(page: number): Promise<void> {
    const controller = new AbortController();
    this.#running.set(page, controller);
    let failure: string | null = null;
    try {
      await this.#fetch(page, controller.signal);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    if (this.#running.get(page) !== controller) return;
    this.#running.delete(page);
    this.#wanted = this.#wanted.filter((wanted) => wanted !== page);
    if (failure !== null) this.#failed.set(page, failure);
    this.#next();
    this.#changed();
  }
}
