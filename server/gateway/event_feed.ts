/**
 * The events of one viewer, live. While it keeps up it is a follower of the broadcaster and does nothing itself. When it has no room, or a run
 * it watches ends, it goes on alone with a cursor of its own, waits where it has to, and follows again once it has caught up. Its invariant:
 * `upto` is what was written to the socket, and the next thing written begins there. What the ring has lost it leaves to `heal`, which knows
 * what this kind of viewer is owed.
 */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';
import { batchesOf, type Voice } from './batch.ts';
import type { Follower } from './broadcaster.ts';
import { textOf } from './envelope_texts.ts';
import type { Lanes } from './lanes.ts';
import { BATCH_CHARS, BATCH_EVENTS, OUTBOX_HIGH_BYTES, PAGE_CHARS } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { ReplayPage } from './replay_pages.ts';
import { endedRun } from './run_ends.ts';
import { Tail, type Tailed } from './tail.ts';
import type { ViewerDeps } from './viewer_deps.ts';

export interface FeedParts {
  voice: Voice;
  outbox: Outbox;
  lanes: Pick<Lanes, 'has' | 'drain'>;
  signal: AbortSignal;
  /** seq_no of what the viewer has. */
  upto: number;
  /** Calls when `upto` has moved while it did not follow. */
  onGiven?: () => void;
}

export class EventFeed implements Follower {
  upto: number;
  readonly voice: Voice;
  readonly outbox: Outbox;
  readonly lanes: Pick<Lanes, 'has' | 'drain'>;
  readonly #broadcaster: ViewerDeps['broadcaster'];
  readonly #signal: AbortSignal;
  readonly #onGiven: () => void;
  #tail: Tail;
  #dismissed: (cursor: Cursor<Envelope> | null) => void = () => undefined;

  /** Listens from now on: what is read from the log or the state afterwards joins without a seam. */
  constructor({ bus, broadcaster }: ViewerDeps, { voice, outbox, lanes, signal, upto, onGiven }: FeedParts) {
    this.upto = upto;
    this.voice = voice;
    this.outbox = outbox;
    this.lanes = lanes;
    this.#signal = signal;
    this.#onGiven = onGiven ?? (() => undefined);
    this.#broadcaster = broadcaster;
    this.#tail = new Tail(bus.subscribe(), upto);
    signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  dismiss(cursor: Cursor<Envelope> | null): void {
    this.#dismissed(cursor);
  }

  /**
   * Resolves when the bus is closed. Rejects with the signal's reason when aborted, and with what `heal` throws.
   * @param heal brings the viewer to where the ring goes on, or beyond. `missing` events before that are not in the ring any more.
   */
  async run(heal: (missing: number) => Promise<void>): Promise<void> {
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        // Nothing is taken for a viewer who cannot be given it: until there is room it costs a number.
        if (!this.outbox.hasRoom(BATCH_CHARS, OUTBOX_HIGH_BYTES)) await this.outbox.room(Infinity, OUTBOX_HIGH_BYTES);
        this.#tail.upto = this.upto;
        const { items, then } = this.#take();
        if (items.length > 0) await this.give(items);
        if (then.type === 'behind') await heal(then.missing);
        else if (then.type === 'closed') return;
        // After a wait `empty` would be old news.
        else if (items.length === 0 && !(await this.#follow())) return;
      }
    } finally {
      this.#tail.close();
    }
  }

  /** Events that come after `upto`, without a hole. The end of a watched run is sent after the rest of its log. */
  async give(items: readonly Envelope[]): Promise<void> {
    let batch: Envelope[] = [];
    for (const envelope of items) {
      const run_id = endedRun(envelope);
      if (run_id !== null && this.lanes.has(run_id)) {
        await this.#write(batch);
        batch = [];
        await this.lanes.drain(run_id);
      }
      batch.push(envelope);
    }
    await this.#write(batch);
  }

  /** To be waited for before a page of the log is asked for: one that waits itself is kept for this viewer alone. @throws the signal's reason when aborted. */
  async roomForPage(): Promise<void> {
    await this.outbox.room(PAGE_CHARS, OUTBOX_HIGH_BYTES);
    this.#signal.throwIfAborted();
  }

  /** The same for a page that others are given, too. */
  async givePage(page: ReplayPage): Promise<void> {
    const isWatched = page.batches.some(({ ends }) => ends.some((run_id) => this.lanes.has(run_id)));
    if (isWatched) return this.give(page.items);
    for (const batch of page.batches) await this.send(batch.frames(this.voice), batch.upto);
  }

  /** @param upto what the viewer has once it has these frames. */
  async send(frames: Buffer, upto: number): Promise<void> {
    await this.outbox.room(frames.length, OUTBOX_HIGH_BYTES);
    this.#signal.throwIfAborted();
    this.outbox.write(frames);
    this.upto = upto;
    this.#onGiven();
  }

  /** @throws the signal's reason when aborted. */
  throwIfOver(): void {
    this.#signal.throwIfAborted();
  }

  /** Everything before the next event of the ring is given up. */
  skipMissing(): void {
    this.#tail.skipMissing();
    this.upto = this.#tail.upto;
    this.#onGiven();
  }

  async #write(items: readonly Envelope[]): Promise<void> {
    for (const batch of batchesOf(items)) await this.send(batch.frames(this.voice), batch.upto);
  }

  #take(): { items: Envelope[]; then: Exclude<Tailed, { type: 'event' }> } {
    const items: Envelope[] = [];
    let chars = 0;
    while (items.length < BATCH_EVENTS && chars < BATCH_CHARS) {
      const got = this.#tail.receive();
      if (got.type !== 'event') return { items, then: got };
      items.push(got.event);
      chars += textOf(got.event).length;
    }
    return { items, then: { type: 'empty' } };
  }

  /** Resolves when it follows no more. @returns false when the bus is closed. */
  async #follow(): Promise<boolean> {
    // From here to `add` nothing may wait: everything that was published has been given.
    this.#signal.throwIfAborted();
    this.#tail.close();
    const cursor = await new Promise<Cursor<Envelope> | null>((resolve) => {
      this.#dismissed = resolve;
      this.#broadcaster.add(this);
    });
    if (cursor !== null) this.#tail = new Tail(cursor, this.upto);
    if (this.#signal.aborted) this.#tail.close();
    this.#signal.throwIfAborted();
    return cursor !== null;
  }

  #stop(): void {
    this.#broadcaster.remove(this);
    this.#tail.close();
    this.#dismissed(null);
  }
}
