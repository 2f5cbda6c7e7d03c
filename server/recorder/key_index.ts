/** Idempotency keys of the last 24 hours with the answers they got: what makes a repeated command give the same answer and do nothing. */
import type { Answer } from '../../src/shared/protocol/commands.ts';

export const KEY_KEPT_MS = 24 * 3_600_000;

export interface KeyEntry {
  body_hash: string | null;
  answer: Answer;
  /** When the command was recorded, ms since the epoch; never decreases from entry to entry. */
  at_ms: number;
}

export class KeyIndex {
  /** In the order of recording, so that the oldest are first. */
  readonly #entries = new Map<string, KeyEntry>();
  /** No entry is of an earlier time. */
  #oldest_ms = Infinity;

  get(key: string, now_ms: number): KeyEntry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || isOver(entry.at_ms, now_ms) ? undefined : entry;
  }

  /** Also forgets what has become too old. */
  add(key: string, entry: KeyEntry, now_ms: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#oldest_ms = Math.min(this.#oldest_ms, entry.at_ms);
    // Looked at only when there may be one: to begin a walk over a map costs more than the rest of this.
    if (isOver(this.#oldest_ms, now_ms)) this.#forget(now_ms);
  }

  #forget(now_ms: number): void {
    this.#oldest_ms = Infinity;
    for (const [old, { at_ms }] of this.#entries) {
      if (!isOver(at_ms, now_ms)) {
        this.#oldest_ms = at_ms;
        return;
      }
      this.#entries.delete(old);
    }
  }

  /** In the order of recording; those that are too old and not yet forgotten included. */
  entries(): [string, KeyEntry][] {
    return [...this.#entries];
  }

  get size(): number {
    return this.#entries.size;
  }
}

function isOver(at_ms: number, now_ms: number): boolean {
  return at_ms <= now_ms - KEY_KEPT_MS;
}
