/**
 * Run logs for a backup, beside a live store. A log that is still being written is copied as far as it is and marked as open, so that a store
 * over the copy completes it as it does after a crash. The record that closes a log is looked at first: it is written last, so what is copied
 * after it is whole.
 */
import { join } from 'node:path';
import type { Copies } from '../archive/port.ts';
import { isCode } from './disk.ts';
import { numbersIn, runPaths } from './layout.ts';
import { ClosedRecord, readRecord } from './records.ts';

/** @param folder of the store. @throws the file system's error. */
export async function copyRunLogs(folder: string, target: string, into: Pick<Copies, 'copy' | 'write'>): Promise<void> {
  for (const run_id of await runsIn(folder)) {
    const [from, to] = [runPaths(folder, run_id), runPaths(target, run_id)];
    const closed = await readRecord(ClosedRecord, from.closed);
    // Without it the run had only just begun.
    if (!(await into.copy(from.meta, to.meta))) continue;
    // An index entry beyond the file would be dropped, a byte without an entry gets one: so the index goes first.
    if (!(await into.copy(from.index, to.index))) await into.copy(from.chunks, to.chunks);
    // One that is compressed meanwhile has its frames by the time it is gone.
    if (!(await into.copy(from.log, to.log))) {
      await into.copy(from.compressed, to.compressed);
      await into.copy(from.frames, to.frames);
    }
    if (closed === null) await into.write(to.open_mark, '');
    // Of an older log as it was looked at: it may have been given an index since, which is not in the copy.
    else await into.write(to.closed, JSON.stringify(closed));
    // Last: what was deleted while it was copied is deleted in the copy too.
    await into.copy(from.deleted, to.deleted);
  }
}

/** Every run with a folder, ascending. */
export async function runsIn(folder: string): Promise<number[]> {
  const runs: number[] = [];
  for (const shard of await numbersOrNone(join(folder, 'runs'))) runs.push(...(await numbersOrNone(join(folder, 'runs', String(shard)))));
  return runs;
}

async function numbersOrNone(folder: string): Promise<number[]> {
  try {
    return await numbersIn(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
