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

  get(key: string, now_ms: number): KeyEntry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || isOver(entry, now_ms) ? undefined : entry;
  }

  /** Also forgets what has become too old. */
  add(key: string, entry: KeyEntry, now_ms: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [old, each] of this.#entries) {
      if (!isOver(each, now_ms)) break;
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

function isOver(entry: KeyEntry, now_ms: number): boolean {
  return entry.at_ms <= now_ms - KEY_KEPT_MS;
}
