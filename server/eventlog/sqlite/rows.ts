/** The SQL of the log: rows in, commits out, every row checked against the chain on its way out. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredCommit } from '../port.ts';
import { unseal, type Link, type Row } from '../row.ts';
import { integer, text, type Columns } from './columns.ts';
import { FIRST_FORM_COLUMNS, unsealFirstForm } from './first_form.ts';
import { hasTable, Links } from './links.ts';

const COLUMNS = 'first_seq, last_seq, v, commits, hash';

/** Rows leave no holes, so the one that holds a seq_no is the last that begins at or before it. */
const after = (table: string, columns: string): string =>
  `SELECT ${columns} FROM ${table} WHERE first_seq >= coalesce((SELECT max(first_seq) FROM ${table} WHERE first_seq <= ?1 + 1), 0) AND last_seq > ?1
   ORDER BY first_seq LIMIT ?2`;

function rowOf(record: Columns): Row {
  return {
    first_seq: integer(record, 'first_seq'),
    last_seq: integer(record, 'last_seq'),
    v: integer(record, 'v'),
    commits: text(record, 'commits'),
    hash: text(record, 'hash'),
  };
}

/** A row that was read: its commits, and the link the next one must continue. */
export interface ReadRow extends Link {
  commits: StoredCommit[];
}

export class Rows {
  readonly #links: Links;
  readonly #insert: StatementSync | null;
  readonly #from: StatementSync | null;
  readonly #firstForm: StatementSync | null;

  /** @param use `read` for a database that may not be written, of any schema. */
  constructor(db: DatabaseSync, use: 'write' | 'read' = 'write') {
    this.#links = new Links(db);
    this.#insert = use === 'read' ? null : db.prepare(`INSERT INTO commit_rows (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`);
    this.#from = hasTable(db, 'commit_rows') ? db.prepare(after('commit_rows', COLUMNS)) : null;
    this.#firstForm = hasTable(db, 'commits') ? db.prepare(after('commits', FIRST_FORM_COLUMNS)) : null;
  }

  insert({ first_seq, last_seq, v, commits, hash }: Row): void {
    if (this.#insert === null) throw new Error('this event log is only read');
    this.#insert.run(first_seq, last_seq, v, commits, hash);
  }

  /** Commits that hold envelopes with seq_no > after, in order: at least `limit`, if there are, up to the end of a row. @throws LogError `broken` where the chain does not hold. */
  *after(after: number, limit: number): Generator<StoredCommit> {
    let left = limit;
    for (const { commits } of this.rows(after, limit)) {
      for (const commit of commits) {
        if (commit.first_seq + commit.envelopes.length - 1 <= after) continue;
        left -= 1;
        yield commit;
      }
      if (left <= 0) return;
    }
  }

  /** The rows that hold envelopes with seq_no > after, in order. @throws LogError `broken` where the chain does not hold. */
  *rows(after: number, limit: number): Generator<ReadRow> {
    let before: Link | null = null;
    let left = limit;
    if (this.#firstForm !== null) {
      for (const record of this.#firstForm.iterate(after, limit)) {
        before ??= this.#links.at(integer(record, 'first_seq') - 1);
        const commit = unsealFirstForm(record, before);
        before = { last_seq: integer(record, 'last_seq'), hash: text(record, 'hash') };
        left -= 1;
        yield { ...before, commits: [commit] };
      }
    }
    if (left <= 0 || this.#from === null) return;
    for (const record of this.#from.iterate(Math.max(after, before?.last_seq ?? 0), left)) {
      const row = rowOf(record);
      before ??= this.#links.at(row.first_seq - 1);
      const commits = unseal(row, before);
      before = { last_seq: row.last_seq, hash: row.hash };
      yield { ...before, commits };
    }
  }
}
