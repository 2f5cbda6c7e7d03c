/**
 * When a snapshot is written: every `SNAPSHOT_EVERY_EVENTS` events, beside the other work, and at a clean stop. What cannot be written is told
 * once, costs nothing but a longer next start, and is not tried again at once. It never rejects and never holds up a commit.
 */
import type { Snapshot } from './snapshot.ts';

/** Folding as many takes a few tenths of a second. */
export const SNAPSHOT_EVERY_EVENTS = 5_000;
/** At most a twentieth of the time is spent on writing, however fast events come. */
const REST_FACTOR = 20;
export const AFTER_FAILURE_MS = 60_000;

export interface SnapshotKeeperOptions {
  store: { write(snapshot: Snapshot): Promise<void> };
  /** What to write: all of it of one moment. */
  capture: () => Snapshot;
  /** seq_no of the newest snapshot there is; 0 when there is none. */
  newest: number;
  report: (message: string, error: unknown) => void;
  /** Milliseconds that never go back. */
  now_ms?: () => number;
}

export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #now_ms: () => number;
  #newest: number;
  #writing: Promise<void> | null = null;
  #not_before_ms = 0;
  #failing = false;
  #errors = 0;
  #closed = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#now_ms = options.now_ms ?? (() => performance.now());
    this.#newest = options.newest;
  }

  /** Call after each commit. @param head seq_no of the last stored event. */
  stored(head: number): void {
    if (this.#closed || this.#writing !== null || head - this.#newest < SNAPSHOT_EVERY_EVENTS) return;
    if (this.#now_ms() < this.#not_before_ms) return;
    this.#writing = this.#write().finally(() => (this.#writing = null));
  }

  /** seq_no of the newest snapshot; 0 when there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Snapshots that could not be written in this life. */
  get errors(): number {
    return this.#errors;
  }

  /** Writes the last one, so that the next start folds nothing. Call when no more commits come. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const began_ms = this.#now_ms();
    try {
      const snapshot = this.#options.capture();
      if (snapshot.seq_no === this.#newest) return;
      await this.#options.store.write(snapshot);
      this.#newest = snapshot.seq_no;
      this.#failing = false;
      this.#not_before_ms = this.#now_ms() + REST_FACTOR * (this.#now_ms() - began_ms);
    } catch (error) {
      this.#errors++;
      if (!this.#failing)
        this.#options.report('A snapshot of the state could not be written; nothing is lost, but the next start takes longer', error);
      this.#failing = true;
      this.#not_before_ms = this.#now_ms() + AFTER_FAILURE_MS;
    }
  }
}
