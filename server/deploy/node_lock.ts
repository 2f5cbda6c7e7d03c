/**
 * One deploy at a time on a node root, also between processes: `<root>/.signalbox/lock.db` held by `BEGIN EXCLUSIVE`. Why not the obvious
 * `flock(1)`: it needs a process of its own whose death must be watched, and macOS has none. Why not a lock file with a process id: taking
 * over a dead one is a race. The lock a database takes is the kernel's; it dies with the process, kill -9 included,
 * and also keeps two deploys of one process apart.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { pause } from './pause.ts';

const LOCK_POLL_MS = 50;
const SQLITE_BUSY = 5;

/** Waits for the lock until `signal` aborts, then rejects with its reason. @returns its undo, idempotent. */
export async function lockNode(root: string, clock: Clock, signal: AbortSignal): Promise<() => void> {
  await mkdir(join(root, '.signalbox'), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    const unlock = tryLock(root);
    if (unlock !== null) return unlock;
    await pause(clock, LOCK_POLL_MS, signal);
  }
}

function tryLock(root: string): (() => void) | null {
  const file = new DatabaseSync(join(root, '.signalbox', 'lock.db'));
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return () => {
    if (file.isOpen) file.close();
  };
}
