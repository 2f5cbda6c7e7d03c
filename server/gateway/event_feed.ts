/**
 * The events of one `signalbox.v1` viewer, from where it was to now and on. It subscribes first and reads the log or the state then, and drops
 * by number what came twice: so there is no seam between stored and live. One batch is on its way at a time; what happens meanwhile waits in
 * the ring and leaves as the next batch, which is how a burst becomes few frames without a timer.
 */
import { encodeFrame } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { instant } from '../clock.ts';
import { LogError } from '../eventlog/port.ts';
import type { Lanes } from './lanes.ts';
import { BATCH_EVENTS, OUTBOX_HIGH_BYTES, REPLAY_MOST_EVENTS } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { replayFrom, type ResumePoint } from './resume_point.ts';
import { endedRun } from './run_ends.ts';
import { Tail, type Tailed } from './tail.ts';
import type { ViewerDeps } from './viewer_deps.ts';

export class EventFeed {
  readonly #deps: ViewerDeps;
  readonly #outbox: Outbox;
  readonly #lanes: Pick<Lanes, 'has' | 'drain'>;
  readonly #signal: AbortSignal;
  readonly #tail: Tail;

  constructor(deps: ViewerDeps, outbox: Outbox, lanes: Pick<Lanes, 'has' | 'drain'>, signal: AbortSignal) {
    this.#deps = deps;
    this.#outbox = outbox;
    this.#lanes = lanes;
    this.#signal = signal;
    this.#tail = new Tail(deps.bus.subscribe(), 0);
  }

  /** Resolves when the bus is closed. Rejects with the signal's reason when aborted, and when the log cannot be read. */
  async run(point: ResumePoint): Promise<void> {
    try {
      const from = await replayFrom(this.#deps.log, point);
      if (from === null) await this.#sendSnapshot();
      else this.#tail.upto = from;
      await this.#catchUp(from !== null);
      for (;;) {
        await this.#tail.ready(this.#signal);
        const { items, then } = this.#take();
        await this.#give(items);
        if (then.type === 'behind') await this.#heal(then.missing);
        if (then.type === 'closed') return;
      }
    } finally {
      this.#tail.close();
    }
  }

  #take(): { items: Envelope[]; then: Exclude<Tailed, { type: 'event' }> } {
    const items: Envelope[] = [];
    while (items.length < BATCH_EVENTS) {
      const got = this.#tail.receive();
      if (got.type !== 'event') return { items, then: got };
      items.push(got.event);
    }
    return { items, then: { type: 'empty' } };
  }

  /** The ring has gone on without this viewer. */
  async #heal(missing: number): Promise<void> {
    this.#deps.counters.lags++;
    this.#deps.counters.events_skipped += missing;
    void this.#outbox.send(Buffer.from(encodeFrame({ type: 'lagged', at: instant(this.#deps.clock.now()), skipped: missing })));
    await this.#catchUp(true);
  }

  /** @param recovered whether nothing is missing between what the client has and `upto`. */
  async #catchUp(recovered: boolean): Promise<void> {
    let whole = recovered;
    for (;;) {
      const behind = this.#deps.log.bounds().head - this.#tail.upto;
      if (behind <= 0) break;
      if (behind <= REPLAY_MOST_EVENTS && (await this.#replayPage())) continue;
      await this.#sendSnapshot();
      whole = false;
    }
    void this.#outbox.send(Buffer.from(encodeFrame({ type: 'replayed', upto: this.#tail.upto, recovered: whole })));
  }

  /** @returns false when the log was trimmed past this viewer. */
  async #replayPage(): Promise<boolean> {
    const envelopes = await this.#read();
    this.#signal.throwIfAborted();
    if (envelopes === null) return false;
    const last = envelopes.at(-1);
    if (last === undefined) throw new Error(`the event log gives nothing after ${this.#tail.upto} although it goes on`);
    await this.#give(envelopes);
    this.#tail.upto = last.seq_no;
    return true;
  }

  async #read(): Promise<Envelope[] | null> {
    try {
      return (await this.#deps.log.read(this.#tail.upto, BATCH_EVENTS)).envelopes;
    } catch (error) {
      if (error instanceof LogError && error.code === 'below_floor') return null;
      throw error;
    }
  }

  async #sendSnapshot(): Promise<void> {
    this.#deps.counters.snapshots++;
    const state = this.#deps.recording.state();
    for (const frame of this.#deps.snapshots.of(state, this.#deps.log.bounds().epoch)) {
      await this.#outbox.room(frame.length, OUTBOX_HIGH_BYTES);
      this.#signal.throwIfAborted();
      void this.#outbox.send(frame);
    }
    this.#tail.upto = state.seq_no;
  }

  /** The end of a watched run is sent after the rest of its log. */
  async #give(items: readonly Envelope[]): Promise<void> {
    let batch: Envelope[] = [];
    for (const envelope of items) {
      const run_id = endedRun(envelope);
      if (run_id !== null && this.#lanes.has(run_id)) {
        await this.#sendBatch(batch);
        batch = [];
        await this.#lanes.drain(run_id);
      }
      batch.push(envelope);
    }
    await this.#sendBatch(batch);
  }

  async #sendBatch(items: Envelope[]): Promise<void> {
    const [first, last] = [items[0], items.at(-1)];
    if (first === undefined || last === undefined) return;
    const [after, upto] = [first.seq_no - 1, last.seq_no];
    const frame = this.#deps.frames.get(`events ${after} ${upto}`, () => encodeFrame({ type: 'events', after, upto, items }));
    await this.#outbox.room(frame.length, OUTBOX_HIGH_BYTES);
    this.#signal.throwIfAborted();
    await this.#outbox.send(frame);
    this.#signal.throwIfAborted();
  }
}
