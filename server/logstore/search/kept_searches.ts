/**
 * The searches whose results are kept: the matching lines of the latest ones, bounded in all. One that was dropped is done anew when it is asked for.
 */
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import { Failure } from '../../failure.ts';
import type { LogSource } from '../port.ts';
import type { LogJobs } from '../worker/jobs.ts';
import type { Workers } from '../worker/workers.ts';
import { KeptSearch } from './kept_search.ts';
import { RunningSearch } from './running_search.ts';

/** Matching lines kept of all searches; 4 bytes each. */
export const HITS_KEPT_MOST = 16_777_216;
export const SEARCHES_KEPT_MOST = 64;
/** Of a log, looked through by one job: some 50 ms. */
const SHARE_BYTES = 67_108_864;

export interface SearchBounds {
  /** Matching lines kept of all searches. */
  hits_most?: number;
  share_bytes?: number;
}

interface Entry {
  kept: KeptSearch;
  running: RunningSearch | null;
}

export class KeptSearches {
  readonly #workers: Workers<LogJobs>;
  readonly #hitsMost: number;
  readonly #shareBytes: number;
  /** The one used last is the last. */
  readonly #entries = new Map<string, Entry>();

  constructor(workers: Workers<LogJobs>, { hits_most = HITS_KEPT_MOST, share_bytes = SHARE_BYTES }: SearchBounds) {
    this.#workers = workers;
    this.#hitsMost = hits_most;
    this.#shareBytes = share_bytes;
  }

  /** What is known of the search, and the job that finds the rest; null when nothing is missing. */
  of(source: LogSource, query: LogQuery): { kept: KeptSearch; running: RunningSearch | null } {
    const key = JSON.stringify([source.run_id, query.mode, query.case, query.q]);
    const entry = this.#entries.get(key) ?? { kept: new KeptSearch(), running: null };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (entry.running?.over === true) entry.running = null;
    const { complete } = entry.kept;
    const missing = complete?.bytes !== source.bytes || complete.closed !== source.closed;
    if (missing) {
      const took = (): void => this.#bound(entry);
      entry.running ??= new RunningSearch(this.#workers, source, query, entry.kept, { share_bytes: this.#shareBytes, took });
    }
    this.#bound(entry);
    return entry;
  }

  /** Drops the oldest ones, but not those somebody waits for. */
  #bound(current: Entry): void {
    let hits = 0;
    for (const { kept } of this.#entries.values()) hits += kept.kept;
    for (const [key, entry] of this.#entries) {
      if (hits <= this.#hitsMost && this.#entries.size <= SEARCHES_KEPT_MOST) return;
      if (entry === current || entry.running?.over === false) continue;
      this.#entries.delete(key);
      hits -= entry.kept.kept;
    }
    if (hits > this.#hitsMost && current.kept.kept > 0) {
      current.running?.end(
        new Failure('too_large', `More than ${this.#hitsMost} lines match what is being looked for. Look for something rarer.`),
      );
      for (const [key, entry] of this.#entries) if (entry === current) this.#entries.delete(key);
    }
  }
}
