/**
 * When the events of the ring leave for those who follow. After quiet at once; while events keep coming, together. The invariant: nothing that
 * was published waits longer than `WINDOW_MOST_MS`, and where events come faster than they can be shown one by one, half of the event loop is
 * left to others as long as a batch takes less than half of that. Without it each event would be written to everybody alone, and a server with
 * many viewers would do nothing else. It refuses to know what an event is: it counts them.
 *
 * A batch for 500 viewers takes milliseconds, however few events are in it. One that held a single event says nothing about load, since the next
 * may come only because this one was seen; one that held several does.
 */
import { WINDOW_FLUSHES, WINDOW_MOST_MS, WINDOW_MS } from './limits.ts';
import type { Pace } from './pace.ts';

export interface WindowDeps {
  pace: Pace;
  /** Events that do not wait. */
  flushAt: number;
  /** Sends all that was published. Calls `begun` and `ended`. */
  flush(): void;
}

export class Window {
  readonly #deps: WindowDeps;
  #pending = 0;
  #planned = false;
  #began_ms = -Infinity;
  #ended_ms = -Infinity;
  /** Between the beginnings of two flushes. */
  #length_ms = WINDOW_MS;

  constructor(deps: WindowDeps) {
    this.#deps = deps;
  }

  /** One event more. */
  published(): void {
    this.#pending++;
    // More than the ring holds may be published in one go.
    if (this.#pending >= this.#deps.flushAt) this.#deps.flush();
    else if (!this.#planned) this.#plan();
  }

  begun(): void {
    this.#pending = 0;
    this.#began_ms = this.#deps.pace.now();
  }

  /** @param events that were sent since `begun`. */
  ended(events: number): void {
    this.#ended_ms = this.#deps.pace.now();
    const took_ms = this.#ended_ms - this.#began_ms;
    this.#length_ms = events > 1 ? Math.min(Math.max(WINDOW_MS, took_ms * WINDOW_FLUSHES), WINDOW_MOST_MS) : WINDOW_MS;
  }

  /** Nobody is left to be sent anything. */
  clear(): void {
    this.#pending = 0;
  }

  #plan(): void {
    this.#planned = true;
    const now = this.#deps.pace.now();
    const wait_ms = this.#began_ms + this.#length_ms - now;
    if (wait_ms > 0) this.#deps.pace.after(wait_ms, () => this.#flush());
    // All of a recorder's batch is published in one go, and leaves together in the microtask after it.
    else if (now - this.#ended_ms >= WINDOW_MS) queueMicrotask(() => this.#flush());
    else this.#gather(0, now + WINDOW_MS);
  }

  /** The window was over before the flush: what came meanwhile comes out with the next turns. As long as each brings more, all of it together. */
  #gather(known: number, until_ms: number): void {
    this.#deps.pace.after(0, () => {
      if (this.#pending > known && this.#deps.pace.now() < until_ms) this.#gather(this.#pending, until_ms);
      else this.#flush();
    });
  }

  #flush(): void {
    this.#planned = false;
    if (this.#pending > 0) this.#deps.flush();
  }
}
