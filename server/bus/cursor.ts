/** One reader of a ring: an integer. Being slow costs nobody else anything; what it missed it is told as an exact count. */
import type { Cursor, Received } from './port.ts';
import type { Ring } from './ring.ts';

/** What the cursors of one bus share. */
export interface Source<E> {
  readonly ring: Ring<E>;
  /** No event will come any more. */
  ended: boolean;
  /** Readers that wait for the next event; a publish looks at nobody else. */
  readonly waiting: Set<RingCursor<E>>;
  readonly cursors: Set<RingCursor<E>>;
}

const EMPTY = { type: 'empty' } as const;
const CLOSED = { type: 'closed' } as const;

export class RingCursor<E> implements Cursor<E> {
  readonly #source: Source<E>;
  readonly #wakes = new Set<() => void>();
  #position: number;
  #left = false;

  constructor(source: Source<E>) {
    this.#source = source;
    this.#position = source.ring.next;
    if (!source.ended) source.cursors.add(this);
  }

  tryReceive(): Received<E> {
    const { ring, ended } = this.#source;
    if (this.#left) return CLOSED;
    const skipped = ring.oldest - this.#position;
    if (skipped > 0) {
      this.#position = ring.oldest;
      return { type: 'lagged', skipped };
    }
    if (this.#position === ring.next) return ended ? CLOSED : EMPTY;
    const event = ring.at(this.#position);
    this.#position += 1;
    return { type: 'event', event };
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#left || this.#source.ended || this.#position !== this.#source.ring.next) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        this.#wakes.delete(wake);
        if (this.#wakes.size === 0) this.#source.waiting.delete(this);
        resolve();
      };
      this.#wakes.add(wake);
      this.#source.waiting.add(this);
      signal?.addEventListener('abort', wake, { once: true });
    });
    signal?.throwIfAborted();
  }

  /** Lets everybody go who waits in `ready`. For the bus. */
  wake(): void {
    for (const wake of this.#wakes) wake();
  }

  /** A reader that leaves drains nothing: from here on `tryReceive` says `closed`. Idempotent. */
  close(): void {
    this.#left = true;
    this.#source.cursors.delete(this);
    this.wake();
  }
}
