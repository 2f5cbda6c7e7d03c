/**
 * The event log in one SQLite file of the data folder, for one server at a time. The invariant: what `append` has acknowledged is on the
 * disk, in order, under a hash chain whose end is also written down outside the database; so a log that lost its tail or was changed says so.
 * If it broke, screens and nodes would act on a history that never was. After an error that leaves the disk's content in doubt it refuses
 * every further append until the server is started anew; it never repairs or rewrites what is stored.
 *
 * SQLite is called on the main thread: a commit costs one sync of the disk, and `append` is asynchronous only for its callers.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
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
import { AnchorFile, type Anchor } from './sqlite/anchor.ts';
import { integer } from './sqlite/columns.ts';
import { openDatabase } from './sqlite/database.ts';
import { settleEpoch, type Opened } from './sqlite/epoch.ts';
import { logErrorOf } from './sqlite/errors.ts';
import { holdFolder } from './sqlite/lock.ts';
import { Rows } from './sqlite/rows.ts';
import { undoAll, type Undo } from './sqlite/undo.ts';

export interface SqliteEventLogOptions {
  /** Made when missing. Holds `events.db`, `anchor` and `lock.db`. */
  folder: string;
  clock: Clock;
  random: RandomBytes;
}

/** @throws LogError `locked` when another server uses the folder, `broken` for a damaged log, `unwritable`, `full`. */
export async function openSqliteEventLog({ folder, clock, random }: SqliteEventLogOptions): Promise<EventLog> {
  const undo: Undo = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Asked first, because SQLite would only say that it cannot open a file, and not why.
    accessSync(folder, constants.W_OK);
    undo.unshift(holdFolder(folder));
    const db = openDatabase(join(folder, 'events.db'));
    undo.unshift(() => db.close());
    const anchor = new AnchorFile(join(folder, 'anchor'), (ms, then) => clock.after(ms, then));
    undo.unshift(() => anchor.close());
    return new SqliteEventLog(db, anchor, settleEpoch(db, anchor, { clock, random }), undo);
  } catch (error) {
    // Why it cannot be opened is the news; that something could not be closed either adds nothing to it.
    await undoAll(undo).catch(() => undefined);
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
  readonly #undo: Undo;
  #head: Link;
  #lost: EventLog['lost'];
  #broken: LogError | null = null;
  #closed = false;

  /** @param undo what `close` does, in order. */
  constructor(db: DatabaseSync, anchor: AnchorFile, opened: Opened, undo: Undo) {
    this.#db = db;
    this.#anchor = anchor;
    this.#rows = new Rows(db);
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
    const rows = seal(commits, this.#head);
    const tells = this.#lost !== null && commits.some(({ envelopes }) => envelopes.some(({ kind }) => kind === 'history_gap'));
    this.#writing(() => this.#catchUpAnchor());
    this.#transaction(() => {
      for (const row of rows) this.#rows.insert(row);
      if (tells) this.#db.exec('UPDATE epochs SET told = 1');
    });
    const newest = rows.at(-1);
    if (newest !== undefined) this.#head = { last_seq: newest.last_seq, hash: newest.hash };
    if (tells) this.#lost = null;
    try {
      this.#anchor.write(this.#anchorHere());
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
    try {
      await undoAll(this.#undo);
    } catch (error) {
      throw logErrorOf(error, 'the event log could not be closed');
    }
  }

  #place(sql: string, consumer: string, seq_no: number): void {
    this.#assertOpen();
    assertPosition(seq_no, this.#head.last_seq);
    this.#transaction(() => this.#db.prepare(sql).run(consumer, seq_no));
  }

  #anchorHere(): Anchor {
    return { head: this.#head.last_seq, hash: this.#head.hash, epoch: this.#epoch };
  }

  /**
   * An anchor that could not be written, or not be put on the disk, must not fall behind more and more. When there was no room it is tried
   * again; after any other failed sync a later one that succeeds proves nothing.
   */
  #catchUpAnchor(): void {
    const { failure, anchor } = this.#anchor;
    if (failure === null && anchor?.head === this.#head.last_seq) return;
    if (failure !== null && logErrorOf(failure, 'the anchor').code !== 'full')
      throw logErrorOf(failure, 'the anchor could not be put on the disk');
    this.#anchor.writeDurably(this.#anchorHere());
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
