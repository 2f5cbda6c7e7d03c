/** What a log that stands beside others has to do with them. */
import type { TimedLog } from '../state/time_cursor.svelte.ts';

export interface Beside {
  /** The keys of a log act on this one. Reactive. */
  readonly active: boolean;
  /** @returns its undo. */
  join(log: TimedLog): () => void;
  /** The time of the first line in view, ms since the epoch; null while the end is followed. */
  seen(at: number | null): void;
}
