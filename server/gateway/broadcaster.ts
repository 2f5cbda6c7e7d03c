/**
 * Tells everybody who keeps up, at the price of one reader: one cursor on the ring, and each batch printed once and written to every socket.
 * The invariant: a follower gets every event after its `upto` in order, or is sent away with a cursor from which nothing is missing; so a
 * slow viewer costs the others one comparison. It refuses to wait for anybody and to keep anything: whoever has no room, or must be shown a
 * run's log before the run's end, leaves, goes on with a cursor of its own and comes back when it has caught up.
 *
 * Events leave at once when it was quiet, else together: batching is worth more than any other saving. `window.ts` says when.
 */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';
import { batchesOf, type Batch, type Voice } from './batch.ts';
import { FLUSH_AT_EVENTS, OUTBOX_HIGH_BYTES } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import { Window } from './window.ts';

export interface Follower {
  /** seq_no of the last event written to its socket. */
  upto: number;
  readonly voice: Voice;
  readonly outbox: Pick<Outbox, 'offer'>;
  readonly lanes: { has(run_id: number): boolean };
  /** It follows no more. @param cursor is its own, and behind nothing that it has; null when no event comes any more. */
  dismiss(cursor: Cursor<Envelope> | null): void;
}

export interface BroadcasterDeps {
  bus: { readonly capacity: number; subscribe(onPublish: () => void): Cursor<Envelope> };
  pace: Pace;
}

export class Broadcaster {
  readonly #deps: BroadcasterDeps;
  readonly #followers = new Set<Follower>();
  readonly #window: Window;
  /** Null while nobody follows. */
  #cursor: Cursor<Envelope> | null = null;

  constructor(deps: BroadcasterDeps) {
    this.#deps = deps;
    const flushAt = Math.min(FLUSH_AT_EVENTS, Math.ceil(deps.bus.capacity / 2));
    this.#window = new Window({ pace: deps.pace, flushAt, flush: () => this.flush() });
  }

  /** @param follower has everything that was published. */
  add(follower: Follower): void {
    this.#followers.add(follower);
    if (this.#cursor !== null) return;
    this.#cursor = this.#deps.bus.subscribe(() => this.#window.published());
    // A bus that was closed tells nobody any more: nothing but this would.
    if (this.#cursor.tryReceive().type === 'closed') this.#dismissAll();
  }

  /** Idempotent. */
  remove(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#cursor?.close();
    this.#cursor = null;
    this.#window.clear();
  }

  /** Everything that was published leaves now. */
  flush(): void {
    const cursor = this.#cursor;
    if (cursor === null) return;
    this.#window.begun();
    const { items, over } = drain(cursor);
    for (const batch of batchesOf(items)) this.#tell(batch, cursor, items.length);
    if (over) this.#dismissAll();
    this.#window.ended(items.length);
  }

  /** The hot path: no closure, promise or look-up for each viewer. */
  #tell(batch: Batch, cursor: Cursor<Envelope>, back: number): void {
    const { after, upto, ends } = batch;
    for (const follower of this.#followers) {
      if (follower.upto >= upto) continue;
      const part = follower.upto > after ? batch.since(follower.upto) : batch;
      if (part.after === follower.upto && !watches(follower, ends) && follower.outbox.offer(part.frames(follower.voice), OUTBOX_HIGH_BYTES))
        follower.upto = upto;
      else this.#dismiss(follower, cursor.fork(back));
    }
  }

  #dismiss(follower: Follower, cursor: Cursor<Envelope> | null): void {
    this.remove(follower);
    follower.dismiss(cursor);
  }

  #dismissAll(): void {
    for (const follower of this.#followers) this.#dismiss(follower, null);
  }
}

function watches({ lanes }: Follower, ends: readonly number[]): boolean {
  for (const run_id of ends) if (lanes.has(run_id)) return true;
  return false;
}

function drain(cursor: Cursor<Envelope>): { items: Envelope[]; over: boolean } {
  const items: Envelope[] = [];
  for (;;) {
    const got = cursor.tryReceive();
    if (got.type === 'event') items.push(got.event);
    // Numbers tell each follower what it lacks.
    else if (got.type !== 'lagged') return { items, over: got.type === 'closed' };
  }
}
