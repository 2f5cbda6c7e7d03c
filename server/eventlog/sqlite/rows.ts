/** The SQL of the log: rows in, rows out, every row checked against the chain on its way out. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredCommit } from '../port.ts';
import { unseal, type Link, type Row } from '../row.ts';
import { integer, text, type Columns } from './database.ts';

const COLUMNS = 'first_seq, last_seq, envelopes, key, body_hash, answer, v, prev_hash, hash';

function textOrNull(row: Columns, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

function rowOf(record: Columns): Row {
  return {
    first_seq: integer(record, 'first_seq'),
    last_seq: integer(record, 'last_seq'),
    envelopes: text(record, 'envelopes'),
    key: textOrNull(record, 'key'),
    body_hash: textOrNull(record, 'body_hash'),
    answer: textOrNull(record, 'answer'),
    v: integer(record, 'v'),
    prev_hash: text(record, 'prev_hash'),
    hash: text(record, 'hash'),
  };
}

export class Rows {
  readonly #insert: StatementSync;
  readonly #from: StatementSync;
  readonly #before: StatementSync;
  readonly #floor: Link;

  constructor(db: DatabaseSync, floor: Link) {
    this.#floor = floor;
    this.#insert = db.prepare(`INSERT INTO commits (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    // Commits leave no holes, so the one that holds a seq_no is the last that begins at or before it.
    this.#from = db.prepare(
      `SELECT ${COLUMNS} FROM commits WHERE first_seq >= coalesce((SELECT max(first_seq) FROM commits WHERE first_seq <= ?1 + 1), 0) AND last_seq > ?1
       ORDER BY first_seq LIMIT ?2`,
    );
    this.#before = db.prepare('SELECT last_seq, hash FROM commits WHERE first_seq < ? ORDER BY first_seq DESC LIMIT 1');
  }

  insert(row: Row): void {
    const { first_seq, last_seq, envelopes, key, body_hash, answer, v, prev_hash, hash } = row;
    this.#insert.run(first_seq, last_seq, envelopes, key, body_hash, answer, v, prev_hash, hash);
  }

  /** Commits that hold envelopes with seq_no > after, in order. @throws LogError `broken` where the chain does not hold. */
  *after(after: number, limit: number): Generator<StoredCommit> {
    let before: Link | null = null;
    for (const record of this.#from.iterate(after, limit)) {
      const row = rowOf(record);
      before ??= this.#linkBefore(row.first_seq);
      yield unseal(row, before);
      before = row;
    }
  }

  #linkBefore(first_seq: number): Link {
    const record = this.#before.get(first_seq);
    return record === undefined ? this.#floor : { last_seq: integer(record, 'last_seq'), hash: text(record, 'hash') };
  }
}
