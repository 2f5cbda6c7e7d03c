/**
 * One server per folder. The lock is an open transaction on a file of its own, so that the kernel frees it when the process dies, by
 * kill -9 too: there is no stale lock file that a person has to judge.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogError } from '../port.ts';
import { isBusy, logErrorOf } from './errors.ts';

/** POSIX locks belong to the process: a second open of the same file in it must not even be tried. */
const heldHere = new Set<string>();

/** @returns what frees it; idempotent. @throws LogError `locked` when a server, this one included, holds the folder. */
export function holdFolder(folder: string): () => void {
  const file = join(realpathSync(folder), 'lock.db');
  const locked = (): LogError =>
    new LogError('locked', `another Signalbox server uses ${folder}; stop it, or give this one another data folder`);
  if (heldHere.has(file)) throw locked();
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw isBusy(error) ? locked() : logErrorOf(error, `${file} cannot be locked`);
  }
  heldHere.add(file);
  const holding = db;
  return () => {
    if (heldHere.delete(file)) holding.close();
  };
}
