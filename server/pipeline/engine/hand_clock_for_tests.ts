/** A clock moved by hand. Only tests import this. */
import type { Clock } from '../../clock.ts';

const DAWN_MS = Date.parse('2026-11-14T02:00:00.000Z');

/** Time stands still until `advance`. */
export class HandClock implements Clock {
  #now = DAWN_MS;
  #passed = 0;
  #sleepers: { at: number; then: () => void; isSpan: boolean }[] = [];

  now(): number {
    return this.#now;
  }

  steady(): number {
    return this.#passed;
  }

  wakeAt(at: number, then: () => void): () => void {
    return this.#sleep(at, then, false);
  }

  after(ms: number, then: () => void): () => void {
    return this.#sleep(this.#now + ms, then, true);
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#passed += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { then } of due) then();
  }

  /** No time passes, and the wall clock is set back. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const sleeper of this.#sleepers) if (sleeper.isSpan) sleeper.at -= ms;
  }

  /** What a wall clock that is set back does to its sleepers: they wake, and it is not yet time. */
  wakeTooEarly(): void {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const { then } of sleepers) then();
  }

  /** Instants somebody waits for. */
  get waiting(): readonly number[] {
    return this.#sleepers.map(({ at }) => at);
  }

  #sleep(at: number, then: () => void, isSpan: boolean): () => void {
    const sleeper = { at, then, isSpan };
    this.#sleepers.push(sleeper);
    return () => void (this.#sleepers = this.#sleepers.filter((other) => other !== sleeper));
  }
}
