/** A connection that only reads, also beside a server, and also where nothing can be written: that is when a copy is wanted most. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { BUSY_TIMEOUT_MS, pragma } from './database.ts';
import { sqliteResult } from './errors.ts';

/** What SQLite says when it cannot make the helper files of a WAL: cannot open, I/O error, full, read-only; https://sqlite.org/rescode.html. */
const CANNOT_MAKE_FILES: ReadonlySet<number | null> = new Set([14, 10, 13, 8]);

export type Connect = (path: string | URL) => DatabaseSync;

const connect: Connect = (path) => new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });

/** @throws SQLite's error. */
export function openReadOnly(file: string, by: Connect = connect): DatabaseSync {
  try {
    return readable(by(file));
  } catch (error) {
    if (!CANNOT_MAKE_FILES.has(sqliteResult(error)) || hasWal(file)) throw error;
    // On a full or read-only disk no server can start and change the file meanwhile, and without a WAL the file is all there is.
    const url = pathToFileURL(file);
    url.searchParams.set('immutable', '1');
    return readable(by(url));
  }
}

/** Opening does nothing yet: the first read does. */
function readable(db: DatabaseSync): DatabaseSync {
  try {
    pragma(db, 'schema_version');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function hasWal(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
