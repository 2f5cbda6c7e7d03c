/**
 * What may happen next, and the one who picks: everything in a simulated world that would take time (a disk, a network, a process, a timer) is
 * a pending thing here, and a seeded generator chooses which of them happens. The invariant: nothing happens in a world but by a pick, so that
 * a seed is a history. If something moved by itself (a real timer, a real file), the same seed would give another trace.
 */
import { seeded } from '../kit/case.ts';
import type { Clock } from '../../../server/clock.ts';

/** Whoever things belong to: a server's life, a viewer. With it they all go. */
export type Owner = object;

interface Thing {
  owner: Owner;
  label: string;
  happen: () => void;
}

interface Timer {
  owner: Owner;
  at: number;
  then: () => void;
  /** It waits for so much time, not for an hour of the day. */
  isSpan: boolean;
  quiet: boolean;
}

const DAWN_MS = Date.parse('2026-11-14T02:00:00.000Z');

export class Schedule {
  readonly random: ReturnType<typeof seeded>;
  /** Told of each thing that happens. */
  readonly #trace: (label: string) => void;
  #things: Thing[] = [];
  #timers: Timer[] = [];
  #now = DAWN_MS;

  constructor(seed: number, trace: (label: string) => void) {
    this.random = seeded(seed);
    this.#trace = trace;
  }

  get now(): number {
    return this.#now;
  }

  get waiting(): number {
    return this.#things.length;
  }

  chance(of: number): boolean {
    return this.random.next() < of;
  }

  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  /** @returns its undo. */
  add(owner: Owner, label: string, happen: () => void): () => void {
    const thing = { owner, label, happen };
    this.#things.push(thing);
    return () => void (this.#things = this.#things.filter((other) => other !== thing));
  }

  /** Resolves when picked; never, when the owner is gone by then. */
  turn(owner: Owner, label: string): Promise<void> {
    return new Promise((resolve) => void this.add(owner, label, resolve));
  }

  /** Now and then another thing happens in between. */
  async maybe(owner: Owner, label: string, chance: number): Promise<void> {
    if (this.chance(chance)) await this.turn(owner, label);
  }

  wakeAt(owner: Owner, at: number, then: () => void): () => void {
    return this.#wait({ owner, at, then, isSpan: false, quiet: false });
  }

  /** @param quiet when nobody may wait for it: time passes over it. */
  after(owner: Owner, ms: number, then: () => void, quiet = false): () => void {
    return this.#wait({ owner, at: this.#now + ms, then, isSpan: true, quiet });
  }

  pause(owner: Owner, ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(owner, ms, resolve));
  }

  /** Time as this owner sees it. */
  clockOf(owner: Owner): Clock {
    return {
      now: () => this.#now,
      steady: () => this.#now,
      wakeAt: (at, then) => this.wakeAt(owner, at, then),
      after: (ms, then) => this.after(owner, ms, then),
    };
  }

  /** @returns false when nothing is pending. */
  pick(): boolean {
    const index = this.random.below(this.#things.length);
    const [thing] = this.#things.splice(index, 1);
    if (thing === undefined) return false;
    this.#trace(thing.label);
    thing.happen();
    return true;
  }

  /** Lets time pass until the next timer, and fires it. @returns false when there is none. */
  pass(): boolean {
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
      if (next === undefined) return false;
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      if (!due.quiet) this.#trace(`time ${this.#now - DAWN_MS}`);
      due.then();
      if (!due.quiet) return true;
    }
  }

  /** The wall clock is put back: what waits for an instant waits longer, what waits for a span of time does not. */
  putBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) if (timer.isSpan) timer.at -= ms;
  }

  /** All that was pending for it never happens. */
  drop(owner: Owner): void {
    this.#things = this.#things.filter((thing) => thing.owner !== owner);
    this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
  }

  #wait(timer: Timer): () => void {
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }
}

/** All microtasks have run: what a pick led to without another pick has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
