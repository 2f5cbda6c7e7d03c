/** What the rest of the server knows of the bus. Generic over the event; imports nothing of ours. */

export type Received<E> =
  | { type: 'event'; event: E }
  /** The reader fell out of the ring: exactly `skipped` events were missed; the next receive is the oldest retained. */
  | { type: 'lagged'; skipped: number }
  | { type: 'empty' }
  | { type: 'closed' };

/** A reader's position. Pulls; never pushed to. */
export interface Cursor<E> {
  /** Never blocks. `closed` only after the retained events were drained. */
  tryReceive(): Received<E>;
  /** Resolves when `tryReceive` would not say `empty`. Rejects with `signal.reason` when aborted. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Another reader, whose next event is the one this reader received `back` events ago; what has fallen out of the ring since then it is told as lag. */
  fork(back: number): Cursor<E>;
  /** Idempotent. */
  close(): void;
}

export interface Publisher<E> {
  /** @returns the number of receivers. Never throws, never blocks. */
  publish(event: E): number;
}
