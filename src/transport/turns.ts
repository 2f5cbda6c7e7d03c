/**
 * When a page that lost its link may come back: each try falls at random into a window of its own, and the windows follow one another without a gap.
 * So pages that lost the server in the same moment never come closer together than their number asks for, at whichever of their tries it is back.
 * Waits drawn one after the other would: renewals pile up to twice their mean.
 */
import { tryWithinMs } from './link_timing.ts';

export class Turns {
  readonly #random: () => number;
  #tries = 0;
  #at_ms = 0;
  #window_ends_ms = 0;

  /** @param random in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** @param now ms of a clock that never goes back. @returns ms to wait. */
  next(now: number, viewers: number): number {
    // A try out of turn, because the page was looked at, costs no turn.
    if (this.#at_ms > now) return this.#at_ms - now;
    const begins = Math.max(now, this.#window_ends_ms);
    const within = tryWithinMs(viewers, this.#tries++);
    this.#window_ends_ms = begins + within;
    this.#at_ms = begins + this.#random() * within;
    return this.#at_ms - now;
  }

  /** The wait is over. */
  taken(): void {
    this.#at_ms = 0;
  }

  /** A link held: the next loss has nothing to do with those before. */
  begin(): void {
    this.#tries = this.#at_ms = this.#window_ends_ms = 0;
  }
}
