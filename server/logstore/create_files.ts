/** Makes a run's folder and files, or nothing; and puts on record that they are complete. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure.ts';
import type { Disk, DiskFile } from './disk.ts';
import { isCode, writeNew } from './disk.ts';
import type { RunPaths } from './layout.ts';
import type { LogMeta } from './port.ts';
import type { ClosedRecord } from './records.ts';

/** @throws Failure `conflict` when the run has a log already, `storage_full`. */
export async function createFiles(disk: Disk, paths: RunPaths, meta: LogMeta): Promise<{ log: DiskFile; index: DiskFile }> {
  try {
    await mkdir(dirname(paths.folder), { recursive: true });
    await mkdir(paths.folder);
  } catch (error) {
    throw asFailure(error, meta.run_id);
  }
  // From here on the folder is ours alone, and goes again if the rest cannot be made. All at once, so that the device syncs once.
  const [log, index, ...small] = await Promise.allSettled([
    disk.create(paths.log),
    disk.create(paths.index),
    writeNew(disk, paths.open_mark, ''),
    writeNew(disk, paths.meta, JSON.stringify(meta)),
  ]);
  const failed = [log, index, ...small].find((done) => done.status === 'rejected');
  if (log.status === 'fulfilled' && index.status === 'fulfilled' && !failed) return { log: log.value, index: index.value };
  for (const file of [log, index]) if (file.status === 'fulfilled') await file.value.close();
  await rm(paths.folder, { recursive: true, force: true });
  await rm(paths.open_mark, { force: true });
  throw asFailure(failed?.reason, meta.run_id);
}

/** After this the log is closed for every later life of the server too. Harmless when it was done before. */
export async function recordClosed(disk: Disk, paths: RunPaths, record: ClosedRecord): Promise<void> {
  await rm(paths.closed, { force: true });
  await writeNew(disk, paths.closed, JSON.stringify(record));
  // A file that is on the device is of no use when its name is not.
  await Promise.all([disk.syncFolder(paths.folder), disk.syncFolder(dirname(paths.folder))]);
  await rm(paths.open_mark, { force: true });
}

function asFailure(cause: unknown, run_id: number): unknown {
  if (isCode(cause, 'EEXIST')) return new Failure('conflict', `Run ${run_id} has a log already.`, { cause });
  if (isCode(cause, 'ENOSPC', 'EDQUOT')) return new Failure('storage_full', 'There is no space left for logs on the server.', { cause });
  return cause;
}
