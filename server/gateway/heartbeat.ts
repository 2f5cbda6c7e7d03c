/** Counts in pings, not in wall-clock time: a corrected clock or a laptop that slept must not end every connection at once. */
import { MESSAGES_PER_PING, PING_INTERVAL_MS, SILENT_AFTER_MS, STALLED_AFTER_MS } from './limits.ts';
import type { Outbox } from './outbox.ts';

const PINGS_UNTIL_SILENT = SILENT_AFTER_MS / PING_INTERVAL_MS;
const PINGS_UNTIL_STALLED = STALLED_AFTER_MS / PING_INTERVAL_MS;

export class Heartbeat {
  #unanswered = 0;
  #withoutProgress = 0;
  #at = 0;
  #messages = 0;

  /** The client said something. @returns false when it says too much. */
  heard(): boolean {
    this.#unanswered = 0;
    this.#messages++;
    return this.#messages <= MESSAGES_PER_PING;
  }

  /** Call when a ping is due. @returns whether to send it. */
  beat(outbox: Pick<Outbox, 'progress'>): 'alive' | 'silent' | 'stalled' {
    this.#messages = 0;
    const { at, waiting } = outbox.progress;
    const moved = at !== this.#at;
    this.#at = at;
    this.#withoutProgress = waiting && !moved ? this.#withoutProgress + 1 : 0;
    // The pings wait behind the rest, where a client that reads slowly cannot answer them: that it reads is a sign of life.
    if (waiting && moved) this.#unanswered = 0;
    if (this.#withoutProgress >= PINGS_UNTIL_STALLED) return 'stalled';
    if (this.#unanswered >= PINGS_UNTIL_SILENT) return 'silent';
    this.#unanswered++;
    return 'alive';
  }
}
