/**
 * The event log in one SQLite file of the data folder, for one server at a time. The invariant: what `append` has acknowledged is on the
 * disk, in order, under a hash chain whose end is also written down outside the database; so a log that lost its tail or was changed says so.
 * If it broke, screens and nodes would act on a history that never was. After an error that leaves the disk's content in doubt it refuses
 * every further append until the server is started anew; it never repairs or rewrites what is stored.
 *
 * SQLite is called on the main thread: a commit costs one sync of the disk, and `append` is asynchronous only for its callers.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import type { RandomBytes } from '../uuid.ts';
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
import { seal, type Link } from './row.ts';
import { AnchorFile } from './sqlite/anchor.ts';
import { integer, openDatabase } from './sqlite/database.ts';
import { settleEpoch, type Opened } from './sqlite/epoch.ts';
import { logErrorOf } from './sqlite/errors.ts';
import { holdFolder } from './sqlite/lock.ts';
import { Rows } from './sqlite/rows.ts';

export interface SqliteEventLogOptions {
  /** Made when missing. Holds `events.db`, `anchor` and `lock.db`. */
  folder: string;
  clock: Clock;
  random: RandomBytes;
}

/** @throws LogError `locked` when another server uses the folder, `broken` for a damaged log, `unwritable`, `full`. */
export async function openSqliteEventLog({ folder, clock, random }: SqliteEventLogOptions): Promise<EventLog> {
  const undo: (() => void)[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    undo.unshift(holdFolder(folder));
    const db = openDatabase(join(folder, 'events.db'));
    undo.unshift(() => db.close());
    const anchor = new AnchorFile(join(folder, 'anchor'));
    undo.unshift(() => anchor.close());
    return new SqliteEventLog(db, anchor, settleEpoch(db, anchor, { clock, random }), undo);
  } catch (error) {
    for (const each of undo) each();
    throw logErrorOf(error, `the event log in ${folder} cannot be opened`);
  }
}

/** Use `openSqliteEventLog`; exported for the tests that make its disk fail. */
export class SqliteEventLog implements EventLog {
  readonly #db: DatabaseSync;
  readonly #anchor: AnchorFile;
  readonly #rows: Rows;
  readonly #feed = new Feed((after, limit) => this.#reading(() => [...this.#rows.after(after, limit)]));
  readonly #floor: number;
  readonly #epoch: string;
  readonly #undo: (() => void)[];
  #head: Link;
  #lost: EventLog['lost'];
  #broken: LogError | null = null;
  #closed = false;

  /** @param undo what `close` does, in order. */
  constructor(db: DatabaseSync, anchor: AnchorFile, opened: Opened, undo: (() => void)[]) {
    this.#db = db;
    this.#anchor = anchor;
    this.#rows = new Rows(db, opened.floor);
    this.#floor = opened.floor.last_seq;
    this.#epoch = opened.epoch;
    this.#head = opened.head;
    this.#lost = opened.lost;
    this.#undo = undo;
  }

  get lost(): EventLog['lost'] {
    return this.#lost;
  }

  async append(commits: readonly Commit[], expect: { expect_head: number }): Promise<void> {
    this.#assertOpen();
    assertContinues(commits, this.#head.last_seq, expect.expect_head);
    if (commits.length === 0) return;
    let before = this.#head;
    const rows = commits.map((commit) => (before = seal(commit, before.hash)));
    const tells = commits.some(({ envelopes }) => envelopes.some(({ kind }) => kind === 'history_gap'));
    // Catches up on an anchor that could not be written: one commit it may trail, not ever more of them.
    this.#writing(() => this.#writeAnchor());
    this.#transaction(() => {
      for (const row of rows) this.#rows.insert(row);
      if (tells) this.#db.exec('UPDATE epochs SET told = 1');
    });
    this.#head = { last_seq: before.last_seq, hash: before.hash };
    if (tells) this.#lost = null;
    try {
      this.#writeAnchor();
    } catch {
      // The commits are durable, so saying anything else would be wrong. The next append meets the same error first and reports it.
    }
    this.#feed.appended();
  }

  async read(after: number, limit: number, filter: ReadFilter = {}): ReturnType<EventLog['read']> {
    this.#assertOpen();
    assertReadable(after, limit, this.#floor);
    return this.#reading(() => collect(this.#rows.after(after, SCAN_COMMITS), after, limit, filter));
  }

  async readCommits(after: number, limit: number): Promise<StoredCommit[]> {
    this.#assertOpen();
    assertReadable(after, limit, this.#floor);
    const commits = this.#reading(() => [...this.#rows.after(after, limit + 1)]);
    return commits.filter(({ first_seq }) => first_seq > after).slice(0, limit);
  }

  async subscribe(consumer: string, position: Position): Promise<LogSubscription> {
    this.#assertOpen();
    const known = this.#reading(() => this.#db.prepare('SELECT seq_no FROM consumers WHERE name = ?').get(consumer));
    const acknowledged = known === undefined ? this.#floor : integer(known, 'seq_no');
    return this.#feed.subscribe(startOf(position, { floor: this.#floor, head: this.#head.last_seq, acknowledged }));
  }

  async ack(consumer: string, seq_no: number): Promise<void> {
    this.#place('INSERT INTO consumers VALUES (?, ?) ON CONFLICT DO UPDATE SET seq_no = max(seq_no, excluded.seq_no)', consumer, seq_no);
  }

  async seek(consumer: string, seq_no: number): Promise<void> {
    this.#place('INSERT INTO consumers VALUES (?, ?) ON CONFLICT DO UPDATE SET seq_no = excluded.seq_no', consumer, seq_no);
  }

  lastSeqNo(): number | null {
    return this.#head.last_seq === 0 ? null : this.#head.last_seq;
  }

  bounds(): LogBounds {
    return { floor: this.#floor, head: this.#head.last_seq, epoch: this.#epoch };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed.close();
    for (const each of this.#undo) each();
  }

  #place(sql: string, consumer: string, seq_no: number): void {
    this.#assertOpen();
    assertPosition(seq_no, this.#head.last_seq);
    this.#transaction(() => this.#db.prepare(sql).run(consumer, seq_no));
  }

  #writeAnchor(): void {
    const { last_seq: head, hash } = this.#head;
    if (this.#anchor.anchor?.hash !== hash) this.#anchor.write({ head, hash, epoch: this.#epoch });
  }

  #transaction(body: () => void): void {
    this.#writing(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        body();
        this.#db.exec('COMMIT');
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #writing(body: () => void): void {
    if (this.#broken !== null) throw this.#broken;
    this.#reading(body);
  }

  /** Reads go on after a failure: what is stored may still be looked at. Only `broken` is remembered, and stops writing. */
  #reading<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      const failure = logErrorOf(error, 'the event log failed');
      if (failure.code === 'broken') this.#broken ??= failure;
      throw failure;
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new LogError('closed', 'the event log is closed');
  }
}
