/**
 * The logs one viewer follows, each in a lane of its own beside the events. Its invariant: log bytes use only what room the facts leave, and
 * a run's end is shown after its log or after a `log_gap` that says which bytes to fetch; the end never waits for a slow reader or a slow disk.
 */
import type { Clock } from '../clock.ts';
import { Lane, type LaneDeps } from './lane.ts';
import { DRAIN_WITHIN_MS, OUTBOX_HIGH_BYTES, OUTBOX_LOW_BYTES } from './limits.ts';
import { within } from './within.ts';

export interface LanesDeps extends LaneDeps {
  clock: Clock;
  /** Bytes [from, to) will not be sent. */
  onGap(run_id: number, from: number, to: number): void;
  /** The log is closed and was sent to its end. */
  onEnd(run_id: number, bytes: number): void;
  onError(run_id: number, error: unknown): void;
}

export class Lanes {
  readonly #deps: LanesDeps;
  readonly #lanes = new Map<number, Lane>();
  readonly #hungry = new Set<Lane>();
  /** Lanes that wait for their next window, with what undoes it. */
  readonly #resting = new Map<Lane, () => void>();

  constructor(deps: LanesDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#lanes.size;
  }

  has(run_id: number): boolean {
    return this.#lanes.has(run_id);
  }

  /** Follows a run's log from a byte offset on, also before the run exists. A second time begins anew. */
  open(run_id: number, offset: number): void {
    this.drop(run_id);
    const lane = new Lane(run_id, offset, this.#deps);
    this.#lanes.set(run_id, lane);
    this.#run(lane);
  }

  drop(run_id: number): void {
    const lane = this.#lanes.get(run_id);
    if (lane !== undefined) this.#end(lane);
  }

  /** The log has grown, or was closed. */
  changed(run_id: number, bytes: number): void {
    const lane = this.#lanes.get(run_id);
    if (lane === undefined) return;
    lane.known = Math.max(lane.known, bytes);
    // A lane that waits for room is woken by the outbox, one that rests by the clock.
    if (!this.#hungry.has(lane) && !this.#resting.has(lane)) this.#run(lane);
  }

  /** Sends the rest of a log that is complete, or says what is left out. Takes at most about a second, and never rejects. */
  async drain(run_id: number): Promise<void> {
    const lane = this.#lanes.get(run_id);
    if (lane === undefined) return;
    try {
      const pulled = await within(this.#deps.clock, DRAIN_WITHIN_MS, lane.pull(OUTBOX_HIGH_BYTES, false));
      if (lane.over || pulled === 'over') return;
      if (pulled === 'end') this.#finish(lane);
      else if (pulled === 'full' || pulled === 'late') this.#cutOff(lane);
    } catch (error) {
      this.#fail(lane, error);
    }
  }

  /** Idempotent. */
  close(): void {
    for (const lane of this.#lanes.values()) this.#end(lane);
  }

  /** Until the outbox is empty: with less, a long frame might not fit again. */
  #starve(lane: Lane): void {
    this.#hungry.add(lane);
    if (this.#hungry.size === 1) void this.#deps.outbox.room(Infinity, OUTBOX_LOW_BYTES).then(() => this.#feed());
  }

  #feed(): void {
    for (const lane of this.#hungry) {
      this.#hungry.delete(lane);
      this.#run(lane);
    }
  }

  #rest(lane: Lane): void {
    const wake = (): void => {
      this.#resting.delete(lane);
      this.#run(lane);
    };
    this.#resting.set(lane, this.#deps.clock.after(lane.rest_ms, wake));
  }

  #run(lane: Lane): void {
    if (lane.queued) return;
    lane.queued = true;
    lane.pull(OUTBOX_LOW_BYTES, true).then(
      (pulled) => {
        if (lane.over) return;
        if (pulled === 'full') this.#starve(lane);
        if (pulled === 'paced') this.#rest(lane);
        if (pulled === 'end') this.#finish(lane);
      },
      (error: unknown) => this.#fail(lane, error),
    );
  }

  #finish(lane: Lane): void {
    this.#end(lane);
    this.#deps.onEnd(lane.run_id, lane.offset);
  }

  /** A run that was stopped may write on after its end was stored: what comes after the gap is shown again. */
  #cutOff(lane: Lane): void {
    this.#end(lane);
    if (lane.known > lane.offset) this.#deps.onGap(lane.run_id, lane.offset, lane.known);
    if (!lane.closed) this.open(lane.run_id, Math.max(lane.offset, lane.known));
  }

  #fail(lane: Lane, error: unknown): void {
    if (lane.over) return;
    this.#end(lane);
    this.#deps.onError(lane.run_id, error);
  }

  #end(lane: Lane): void {
    lane.over = true;
    this.#hungry.delete(lane);
    this.#resting.get(lane)?.();
    this.#resting.delete(lane);
    if (this.#lanes.get(lane.run_id) === lane) this.#lanes.delete(lane.run_id);
  }
}
