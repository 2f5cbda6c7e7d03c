/**
 * Hands each event to everybody who listens now. Readers (`subscribe`) pull from a bounded ring and learn exactly how many events they
 * missed, as in tokio's broadcast channel; listeners (`on`) are called and awaited. The invariant: an event reaches every reader in the
 * order of publishing, or is counted in that reader's lag. If it broke, a screen would be wrong without knowing it. The bus refuses to
 * remember: whoever comes late or wants what was missed asks the event log.
 */
import { RingCursor, type Source } from './cursor.ts';
import { Listeners, type Listener, type ListenerOptions } from './listeners.ts';
import type { Cursor, Publisher } from './port.ts';
import { Ring } from './ring.ts';

/** Events that a reader may be behind before it lags. */
export const CAPACITY_EVENTS = 256;

export interface EventBusOptions extends ListenerOptions {
  /** A power of two. */
  capacity?: number;
}

export class EventBus<E> implements Publisher<E> {
  readonly capacity: number;
  readonly #source: Source<E>;
  readonly #listeners: Listeners<E>;

  constructor(options: EventBusOptions) {
    this.capacity = options.capacity ?? CAPACITY_EVENTS;
    this.#source = { ring: new Ring(this.capacity), ended: false, waiting: new Set(), cursors: new Set() };
    this.#listeners = new Listeners(options);
  }

  /** @returns the number of readers. Never throws, never blocks. A reader who comes later does not get it. */
  publish(event: E): number {
    const { ring, ended, waiting, cursors } = this.#source;
    if (ended) return 0;
    ring.push(event);
    for (const cursor of waiting) cursor.wake();
    return cursors.size;
  }

  /**
   * A reader of what is published from now on.
   * @param onPublish calls after each publish and when the bus is closed, before `publish` returns; for one reader that serves many. Must not throw.
   */
  subscribe(onPublish: (() => void) | null = null): Cursor<E> {
    return new RingCursor(this.#source, { position: this.#source.ring.next, onPublish });
  }

  /** Calls `listener` for each `emit` of this kind that begins from now on. @returns its undo. */
  on(kind: string, listener: Listener<E>): () => void {
    return this.#listeners.on(kind, listener);
  }

  /** Calls the listeners of this kind and waits for them; readers of the ring do not see it. Rejects for no listener's fault. */
  emit(kind: string, event: E): Promise<void> {
    return this.#listeners.emit(kind, event);
  }

  /** No event comes any more; readers drain what is retained and then read `closed`. Idempotent. */
  close(): void {
    this.#source.ended = true;
    for (const cursor of this.#source.waiting) cursor.wake();
    this.#source.cursors.clear();
  }
}
