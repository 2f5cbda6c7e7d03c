/**
 * The one voice of the page for screen readers: at most one sentence per `PAUSE_MS`, politely. What comes faster waits; of more than `WAITING_MAX` the
 * middle is left out and counted, because a burst read out to the end would still be talking when it no longer matters.
 */

export const PAUSE_MS = 3_000;
export const WAITING_MAX = 3;

export interface Timer {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

export class Announcer {
  readonly #say: (sentence: string) => void;
  readonly #timer: Timer;
  #waiting: string[] = [];
  #left_out = 0;
  #last_ms = -Infinity;
  #planned: (() => void) | null = null;

  constructor(say: (sentence: string) => void, timer: Timer) {
    this.#say = say;
    this.#timer = timer;
  }

  announce(sentence: string): void {
    if (sentence === '' || this.#waiting.at(-1) === sentence) return;
    this.#waiting.push(sentence);
    if (this.#waiting.length > WAITING_MAX) {
      // The oldest is next to be said and the newest is where things stand: what lies between goes.
      this.#waiting.splice(1, 1);
      this.#left_out++;
    }
    this.#plan();
  }

  /** Idempotent. */
  close(): void {
    this.#planned?.();
    this.#planned = null;
    this.#waiting = [];
  }

  #plan(): void {
    if (this.#planned !== null || this.#waiting.length === 0) return;
    const wait = Math.max(0, this.#last_ms + PAUSE_MS - this.#timer.now());
    if (wait === 0) this.#next();
    else {
      this.#planned = this.#timer.after(wait, () => {
        this.#planned = null;
        this.#next();
      });
    }
  }

  #next(): void {
    const sentence = this.#waiting.shift();
    if (sentence === undefined) return;
    this.#last_ms = this.#timer.now();
    const more = this.#waiting.length === 1 && this.#left_out > 0 ? ` ${this.#left_out} more in between.` : '';
    if (more !== '') this.#left_out = 0;
    this.#say(sentence + more);
    this.#plan();
  }
}
