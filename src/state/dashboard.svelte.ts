/**
 * The state the panel shows: snapshots and events from the feed, folded once per frame however many came. It shows a state whole or not at
 * all: when folding throws, the last good state stays, nothing more is applied, and the page is told to call itself stale.
 */
import { fold } from '../shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { DashboardView } from './context.ts';
import type { Scheduler } from './frame.ts';

type Step = { type: 'snapshot'; state: State } | { type: 'events'; items: readonly Envelope[]; live: boolean };
type Listener = (envelopes: readonly Envelope[]) => void;
export type Fold = (state: State, envelope: Envelope) => State;

/** Envelopes that wait for a frame. Browsers slow the timers of hidden tabs to one a minute; so many are folded at once. */
export const WAITING_MOST = 2_000;

export class Dashboard implements DashboardView {
  #state = $state.raw<State>(EMPTY_STATE);
  #ready = $state.raw(false);
  #steps: Step[] = [];
  #waiting = 0;
  #whole: (() => void) | null = null;
  #cancel: (() => void) | null = null;
  #broken = false;
  readonly #listeners = new Map<Listener, { replayed: boolean }>();
  readonly #schedule: Scheduler;
  readonly #broke: (error: unknown) => void;
  readonly #fold: Fold;

  /** @param broke called once, when folding threw. */
  constructor(schedule: Scheduler, broke: (error: unknown) => void, foldOne: Fold = fold) {
    this.#schedule = schedule;
    this.#broke = broke;
    this.#fold = foldOne;
  }

  get state(): State {
    return this.#state;
  }

  get ready(): boolean {
    return this.#ready;
  }

  snapshot(state: State): void {
    // What came before it in this frame is in it.
    this.#steps = [{ type: 'snapshot', state }];
    this.#waiting = 0;
    this.#plan();
  }

  events(items: readonly Envelope[], live: boolean): void {
    this.#steps.push({ type: 'events', items, live });
    this.#waiting += items.length;
    this.#plan();
    if (this.#waiting >= WAITING_MOST) this.#apply();
  }

  /** All that was missed is in: an empty log is now known to be empty. @param whole called once it is shown. */
  caughtUp(whole: () => void): void {
    this.#whole = whole;
    this.#plan();
  }

  /** It is not, after all. */
  catchingUp(): void {
    this.#whole = null;
  }

  onEvents(listener: Listener): () => void {
    return this.#on(listener, false);
  }

  /** The same, with the envelopes of a replay too. @returns its undo. */
  onAnyEvents(listener: Listener): () => void {
    return this.#on(listener, true);
  }

  #on(listener: Listener, replayed: boolean): () => void {
    this.#listeners.set(listener, { replayed });
    return () => this.#listeners.delete(listener);
  }

  #plan(): void {
    if (this.#broken) return;
    this.#cancel ??= this.#schedule(() => this.#apply());
  }

  #apply(): void {
    if (this.#broken) return;
    this.#cancel?.();
    this.#cancel = null;
    const steps = this.#steps;
    this.#steps = [];
    this.#waiting = 0;
    try {
      this.#state = steps.reduce<State>((state, step) => this.#step(state, step), this.#state);
      this.#ready ||= this.#whole !== null || steps.some((step) => step.type === 'snapshot');
      for (const step of steps) if (step.type === 'events') this.#tell(step.items, step.live);
      this.#whole?.();
      this.#whole = null;
    } catch (error) {
      this.#broken = true;
      this.#broke(error);
    }
  }

  #step(state: State, step: Step): State {
    return step.type === 'snapshot' ? step.state : step.items.reduce(this.#fold, state);
  }

  #tell(items: readonly Envelope[], live: boolean): void {
    if (items.length === 0) return;
    for (const [listener, { replayed }] of [...this.#listeners]) if (live || replayed) listener(items);
  }
}
