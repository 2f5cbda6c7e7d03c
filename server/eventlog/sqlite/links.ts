/** Where the chain stands: at its floor, at its head, and at an event. Rows of schema 1 come before those of schema 2. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { GENESIS_HASH, type Link } from '../row.ts';
import { integer, text, type Columns } from './columns.ts';

export function hasTable(db: DatabaseSync, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function linkOf(record: Columns | undefined): Link | null {
  return record === undefined ? null : { last_seq: integer(record, 'last_seq'), hash: text(record, 'hash') };
}

export class Links {
  /** What trimming left behind, or the beginning. */
  readonly floor: Link;
  /** By the primary key: as quick in a long log as in a short one. */
  readonly #at: StatementSync[];

  constructor(db: DatabaseSync) {
    this.floor = linkOf(db.prepare('SELECT last_seq, hash FROM floor').get()) ?? { last_seq: 0, hash: GENESIS_HASH };
    this.#at = ['commit_rows', 'commits']
      .filter((table) => hasTable(db, table))
      .map((table) => db.prepare(`SELECT last_seq, hash FROM ${table} WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`));
  }

  /** The last row that begins at or before `seq_no`; the floor when none does. */
  at(seq_no: number): Link {
    for (const statement of this.#at) {
      const link = linkOf(statement.get(seq_no));
      if (link !== null) return link;
    }
    return this.floor;
  }

  /** The end of the newest row. */
  head(): Link {
    return this.at(Number.MAX_SAFE_INTEGER);
  }
}
