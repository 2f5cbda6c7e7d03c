/** The connection and the tables. A connection that is not as durable as the log promises is not handed out. */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { LogError } from '../port.ts';
import { GENESIS_HASH } from '../row.ts';
import { logErrorOf } from './errors.ts';

/** 3.7.0 to 3.51.2 can corrupt a WAL when a commit races two checkpoints, https://sqlite.org/wal.html#walresetbug. */
const SQLITE_FLOOR = '3.51.3';
const SYNCHRONOUS_FULL = 2;
export const SCHEMA_VERSION = 2;
/** A person's sqlite3 shell may hold the file for a moment; longer would hold up the server. */
export const BUSY_TIMEOUT_MS = 1_000;

const COMMIT_ROWS = `
  CREATE TABLE commit_rows (
    first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, v INTEGER NOT NULL, commits TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
`;

const SCHEMA = `
  ${COMMIT_ROWS}
  -- What trimming would leave behind; the chain begins after it.
  CREATE TABLE floor (last_seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
  INSERT INTO floor VALUES (0, '${GENESIS_HASH}');
  CREATE TABLE consumers (name TEXT PRIMARY KEY, seq_no INTEGER NOT NULL) STRICT;
  -- The newest row is in force. A row with a loss that is not told yet asks for a history_gap event.
  CREATE TABLE epochs (
    generation INTEGER PRIMARY KEY, epoch TEXT NOT NULL, began_at TEXT NOT NULL, after_seq INTEGER NOT NULL,
    lost_from INTEGER, lost_to INTEGER, why TEXT, told INTEGER NOT NULL
  ) STRICT;
`;

/** What brings a database of this schema to the present one; 0 is an empty file. What is stored is not touched. */
const UPGRADES: Readonly<Record<number, string>> = { 0: SCHEMA, 1: COMMIT_ROWS };

export function pragma(db: DatabaseSync, name: string): SQLOutputValue | undefined {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

/** @throws LogError `broken` for an SQLite that can lose what it has acknowledged. */
export function assertSqliteFloor(version: string, floor = SQLITE_FLOOR): void {
  const [have, need] = [version, floor].map((each) => each.split('.').map(Number));
  const differs = need?.findIndex((part, index) => part !== have?.[index]) ?? -1;
  if (differs === -1 || (have?.[differs] ?? 0) > (need?.[differs] ?? 0)) return;
  throw new LogError('broken', `this Node has SQLite ${version}, which can damage the event log; use one with ${floor} or later`);
}

/** WAL with a sync at each commit, set and read back: some builds come up with less on a later open. @throws LogError when it is not so. */
export function makeDurable(db: DatabaseSync): void {
  const mode = pragma(db, 'journal_mode = WAL');
  if (mode !== 'wal')
    throw new LogError('unwritable', `the file system of the data folder does not support SQLite's WAL (journal mode is ${String(mode)})`);
  db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA trusted_schema = OFF');
  const synchronous = pragma(db, 'synchronous');
  if (synchronous !== SYNCHRONOUS_FULL)
    throw new LogError('broken', `SQLite did not accept synchronous = FULL (it says ${String(synchronous)})`);
}

/** @throws LogError `broken` for a damaged file or one of a later Signalbox, `unwritable`, `full`. */
export function openDatabase(file: string, sqliteFloor = SQLITE_FLOOR): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    assertSqliteFloor(String(Object.values(db.prepare('SELECT sqlite_version()').get() ?? {})[0]), sqliteFloor);
    makeDurable(db);
    const version = Number(pragma(db, 'user_version'));
    if (version === SCHEMA_VERSION) return db;
    const upgrade = UPGRADES[version];
    if (upgrade === undefined) throw new LogError('broken', `${file} was written by a later Signalbox (schema ${version}); use that one`);
    db.exec(`BEGIN IMMEDIATE; ${upgrade} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
    return db;
  } catch (error) {
    db?.close();
    throw logErrorOf(error, `${file} cannot be opened`);
  }
}
