/**
 * A copy of the event log as it is at one moment, also beside a server that is writing it. SQLite's own backup copies the pages of the file in
 * the background, step by step. A read transaction holds that moment: without it the backup would begin anew whenever the server commits
 * between two steps, and beside a busy server never end. `VACUUM INTO` holds the moment too, but in one call, without the event loop turning
 * and without saying how far it is, and it writes every row anew.
 */
import { closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { LogError } from '../port.ts';
import { logErrorOf } from './errors.ts';
import { openReadOnly } from './read_only.ts';

/** Pages of 4 KiB between two reports of progress. */
const PAGES_AT_ONCE = 512;

/**
 * Writes `events.db` into `target`, which is made when missing; on the disk, and under its name, only when it is whole. The anchor stays where it is: it
 * vouches for the history that goes on, and the copy does not.
 * @param onProgress pages copied, and pages there are.
 * @throws LogError when there is nothing to copy, the target has an event log already, or either disk fails.
 */
export async function copyEventLog(folder: string, target: string, onProgress?: (done: number, total: number) => void): Promise<void> {
  const [from, to] = [join(folder, 'events.db'), join(target, 'events.db')];
  if (!existsSync(from)) throw new LogError('unwritable', `there is no event log in ${folder}`);
  if (existsSync(to)) throw new LogError('unwritable', `there is an event log in ${target} already`);
  const partial = `${to}.partial`;
  const failed = (error: unknown): LogError => logErrorOf(error, `the event log in ${folder} cannot be copied to ${target}`);
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    remove(partial);
  } catch (error) {
    throw failed(error);
  }
  let source: DatabaseSync | null = null;
  try {
    source = openReadOnly(from);
    source.exec('BEGIN');
    source.prepare('SELECT last_seq FROM floor').get();
    const pages = await backup(source, partial, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress?.(totalPages - remainingPages, totalPages),
    });
    onProgress?.(pages, pages);
    makeOneFile(partial);
    sync(partial);
    renameSync(partial, to);
    sync(target);
  } catch (error) {
    remove(partial);
    throw failed(error);
  } finally {
    source?.close();
  }
}

/** Without a WAL, so that reading the copy makes no files beside it. Whoever opens it to write sets what it needs. */
function makeOneFile(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE');
  } finally {
    db.close();
  }
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
}

function sync(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
