/**
 * The state as it was at any seq_no, refolded from the log. Pages are folded with a breath between them, so that a long history does not
 * hold up live viewers; states met on the way are kept, because whoever looks at the past looks at its neighbours next. It refuses more
 * than two refolds at a time, and a past whose beginning was trimmed away; one that is kept takes no refold.
 */
import { setImmediate as breath } from 'node:timers/promises';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import type { EventLog } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';

const REFOLDS_AT_ONCE = 2;
const STATES_KEPT = 32;
const KEEP_EVERY_EVENTS = 10_000;
/** About 5 ms of folding. */
const PAGE_EVENTS = 500;

export class Past {
  readonly #log: Pick<EventLog, 'read' | 'bounds'>;
  readonly #kept = new Map<number, State>();
  #epoch = '';
  #refolding = 0;

  constructor(log: Pick<EventLog, 'read' | 'bounds'>) {
    this.#log = log;
  }

  /** @throws Failure `not_found` beyond the head, `gone` when the log was trimmed, `too_many`. */
  async at(seq_no: number, signal: AbortSignal): Promise<State> {
    const { floor, head, epoch } = this.#log.bounds();
    if (seq_no > head) throw new Failure('not_found', `The log ends at ${head}; there is no ${seq_no} yet.`);
    if (floor > 0) throw new Failure('gone', `The log begins after ${floor}; what was before was trimmed, so the past cannot be folded.`);
    if (epoch !== this.#epoch) this.#kept.clear();
    this.#epoch = epoch;
    const nearest = this.#nearest(seq_no);
    if (nearest.seq_no === seq_no) return this.#keep(nearest);
    if (this.#refolding >= REFOLDS_AT_ONCE) throw new Failure('too_many', 'Others are looking at the past too. Try again in a moment.');
    this.#refolding++;
    try {
      return await this.#refold(nearest, seq_no, signal);
    } finally {
      this.#refolding--;
    }
  }

  async #refold(from: State, seq_no: number, signal: AbortSignal): Promise<State> {
    let state = from;
    while (state.seq_no < seq_no) {
      signal.throwIfAborted();
      const { envelopes } = await this.#log.read(state.seq_no, Math.min(PAGE_EVENTS, seq_no - state.seq_no));
      if (envelopes.length === 0) throw new Error(`the log has no event after ${state.seq_no} although its head is not below ${seq_no}`);
      for (const envelope of envelopes) {
        state = fold(state, envelope);
        if (state.seq_no % KEEP_EVERY_EVENTS === 0) this.#keep(state);
      }
      await breath();
    }
    return this.#keep(state);
  }

  #nearest(seq_no: number): State {
    let nearest = EMPTY_STATE;
    for (const state of this.#kept.values()) if (state.seq_no <= seq_no && state.seq_no > nearest.seq_no) nearest = state;
    return nearest;
  }

  /** As the one used last. */
  #keep(state: State): State {
    this.#kept.delete(state.seq_no);
    this.#kept.set(state.seq_no, state);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > STATES_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return state;
  }
}
