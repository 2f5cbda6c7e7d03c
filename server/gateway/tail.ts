/**
 * One viewer's place in the stream of events: the number of the last one it was given, and a cursor on the ring. Events come out in order and
 * without a hole, or the hole is reported with its exact size; numbers say what is missing, so that it does not matter where the viewer got
 * what it has, from a snapshot, from the log or from the ring.
 */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';

export type Tailed =
  | { type: 'event'; event: Envelope }
  /** `missing` events come before the next one the ring holds. Reported until `upto` is moved. */
  | { type: 'behind'; missing: number }
  | { type: 'empty' }
  | { type: 'closed' };

export class Tail {
  /** seq_no of the last event given out; moved by whoever gives out events from elsewhere. */
  upto: number;
  readonly #cursor: Cursor<Envelope>;
  #next: Envelope | null = null;

  constructor(cursor: Cursor<Envelope>, upto: number) {
    this.#cursor = cursor;
    this.upto = upto;
  }

  receive(): Tailed {
    for (;;) {
      if (this.#next === null) {
        const received = this.#cursor.tryReceive();
        if (received.type === 'empty' || received.type === 'closed') return received;
        // The ring counts what it dropped, which may include what this viewer has from the log. The numbers tell what it lacks.
        if (received.type === 'lagged') continue;
        this.#next = received.event;
      }
      const event = this.#next;
      const missing = event.seq_no - 1 - this.upto;
      if (missing > 0) return { type: 'behind', missing };
      this.#next = null;
      if (missing < 0) continue;
      this.upto = event.seq_no;
      return { type: 'event', event };
    }
  }

  /** Gives up what is missing before the next event. */
  skipMissing(): void {
    if (this.#next !== null) this.upto = Math.max(this.upto, this.#next.seq_no - 1);
  }

  /** Idempotent. */
  close(): void {
    this.#cursor.close();
  }
}
