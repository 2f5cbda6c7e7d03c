/** The one clock of the page: the server's time, a tick a second, the same for every watch on the screen. It stands still when the page is stale, so that no duration grows that nobody has confirmed. */
import type { ClockView } from './context.ts';

export class Clock implements ClockView {
  #now = $state.raw(0);
  readonly #read: () => number;

  /** @param read server-corrected ms. */
  constructor(read: () => number) {
    this.#read = read;
    this.#now = read();
  }

  get now(): number {
    return this.#now;
  }

  tick(): void {
    this.#now = this.#read();
  }
}
