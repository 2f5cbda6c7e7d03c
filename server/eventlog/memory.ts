/**
 * The event log in memory: the same rows, hashes and rules as on disk, gone with the process. For tests and for trying things out; it
 * refuses nothing that the SQLite log would accept, and the other way round. If the two differed, a test here would prove nothing.
 */
import { assertContinues, assertPosition } from './append_check.ts';
import { assertReadable, collect, SCAN_COMMITS } from './collect.ts';
import { Feed } from './feed.ts';
import {
  LogError,
  type Commit,
  type EventLog,
  type LogBounds,
  type LogSubscription,
  type Position,
  type ReadFilter,
  type StoredCommit,
} from './port.ts';
import { startOf } from './position.ts';
import { GENESIS_HASH, seal, unseal, type Link, type Row } from './row.ts';

export interface MemoryEventLogOptions {
  epoch?: string;
  /** As if everything up to here had been trimmed; the first commit then comes after it. */
  floor?: number;
  /** As if opening had found this. */
  lost?: EventLog['lost'];
}

export function memoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  return new MemoryEventLog(options);
}

class MemoryEventLog implements EventLog {
  readonly #rows: Row[] = [];
  readonly #consumers = new Map<string, number>();
  readonly #floor: Link;
  readonly #epoch: string;
  readonly #feed = new Feed((after, limit) => [...this.#commits(after, limit)]);
  #lost: EventLog['lost'];
  #closed = false;

  constructor(options: MemoryEventLogOptions) {
    this.#floor = { last_seq: options.floor ?? 0, hash: GENESIS_HASH };
    this.#epoch = options.epoch ?? '1-memory';
    this.#lost = options.lost ?? null;
  }

  get lost(): EventLog['lost'] {
    return this.#lost;
  }

  async append(commits: readonly Commit[], expect: { expect_head: number }): Promise<void> {
    this.#assertOpen();
    assertContinues(commits, this.bounds().head, expect.expect_head);
    this.#rows.push(...seal(commits, this.#rows.at(-1) ?? this.#floor));
    if (commits.some(({ envelopes }) => envelopes.some(({ kind }) => kind === 'history_gap'))) this.#lost = null;
    this.#feed.appended();
  }

  async read(after: number, limit: number, filter: ReadFilter = {}): ReturnType<EventLog['read']> {
    this.#assertOpen();
    assertReadable(after, limit, this.#floor.last_seq);
    return collect(this.#commits(after, SCAN_COMMITS), after, limit, filter);
  }

  async readCommits(after: number, limit: number): Promise<StoredCommit[]> {
    this.#assertOpen();
    assertReadable(after, limit, this.#floor.last_seq);
    const whole = [...this.#commits(after, limit + 1)].filter(({ first_seq }) => first_seq > after);
    return whole.slice(0, limit);
  }

  async subscribe(consumer: string, position: Position): Promise<LogSubscription> {
    this.#assertOpen();
    const { floor, head } = this.bounds();
    const after = startOf(position, { floor, head, acknowledged: this.#consumers.get(consumer) ?? floor });
    return this.#feed.subscribe(after);
  }

  async ack(consumer: string, seq_no: number): Promise<void> {
    this.#assertOpen();
    assertPosition(seq_no, this.bounds().head);
    this.#consumers.set(consumer, Math.max(this.#consumers.get(consumer) ?? 0, seq_no));
  }

  async seek(consumer: string, seq_no: number): Promise<void> {
    this.#assertOpen();
    assertPosition(seq_no, this.bounds().head);
    this.#consumers.set(consumer, seq_no);
  }

  lastSeqNo(): number | null {
    const { head } = this.bounds();
    return head === 0 ? null : head;
  }

  bounds(): LogBounds {
    return { floor: this.#floor.last_seq, head: this.#rows.at(-1)?.last_seq ?? this.#floor.last_seq, epoch: this.#epoch };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#feed.close();
  }

  /** Commits that hold envelopes with seq_no > after: at least `limit`, if there are, up to the end of a row. */
  *#commits(after: number, limit: number): Generator<StoredCommit> {
    let left = limit;
    const from = this.#indexOf(after + 1);
    let before = this.#rows[from - 1] ?? this.#floor;
    for (const row of this.#rows.slice(from, from + limit)) {
      for (const commit of unseal(row, before)) {
        if (commit.first_seq + commit.envelopes.length - 1 <= after) continue;
        left -= 1;
        yield commit;
      }
      if (left <= 0) return;
      before = row;
    }
  }

  /** Index of the row that holds `seq_no`, by halving; the number of rows when it is not there yet. */
  #indexOf(seq_no: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle]?.last_seq ?? 0) < seq_no) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #assertOpen(): void {
    if (this.#closed) throw new LogError('closed', 'the event log is closed');
  }
}
