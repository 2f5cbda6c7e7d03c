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

export interface CursorPlace {
  /** Position of the next event it reads. */
  position: number;
  /** Calls after each publish and when the bus is closed, before `publish` returns. Must not throw. */
  onPublish: (() => void) | null;
}

const EMPTY = { type: 'empty' } as const;
const CLOSED = { type: 'closed' } as const;

export class RingCursor<E> implements Cursor<E> {
  readonly #source: Source<E>;
  readonly #wakes = new Set<() => void>();
  readonly #onPublish: (() => void) | null;
  #position: number;
  #left = false;

  constructor(source: Source<E>, { position, onPublish }: CursorPlace) {
    this.#source = source;
    this.#position = position;
    this.#onPublish = onPublish;
    if (source.ended) return;
    source.cursors.add(this);
    if (onPublish !== null) source.waiting.add(this);
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
        if (this.#wakes.size === 0 && this.#onPublish === null) this.#source.waiting.delete(this);
        resolve();
      };
      this.#wakes.add(wake);
      this.#source.waiting.add(this);
      signal?.addEventListener('abort', wake, { once: true });
    });
    signal?.throwIfAborted();
  }

  fork(back: number): RingCursor<E> {
    return new RingCursor(this.#source, { position: this.#position - back, onPublish: null });
  }

  /** Lets everybody go who waits in `ready`, and tells who asked to be told. For the bus. */
  wake(): void {
    for (const wake of this.#wakes) wake();
    this.#onPublish?.();
  }

  /** A reader that leaves drains nothing: from here on `tryReceive` says `closed`. Idempotent. */
  close(): void {
    this.#left = true;
    this.#source.cursors.delete(this);
    this.#source.waiting.delete(this);
    for (const wake of this.#wakes) wake();
  }
}
