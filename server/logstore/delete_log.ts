/** Deletes a closed log and leaves a record of it. The record comes first: a life that ends in between leaves a deleted log with files, which are removed at the next look. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Disk } from './disk.ts';
import { writeNew } from './disk.ts';
import type { RunPaths } from './layout.ts';
import type { DeletedLog } from './port.ts';

/** @throws the file system's error; then the log may be whole still. */
export async function deleteLog(disk: Disk, paths: RunPaths, record: DeletedLog): Promise<void> {
  // A torn one of an earlier life is none.
  await disk.remove(paths.deleted);
  await writeNew(disk, paths.deleted, JSON.stringify(record));
  await disk.syncFolder(paths.folder);
  await removeFiles(disk, paths);
}

/** All but the records, whatever was put beside the log since. */
export async function removeFiles(disk: Disk, paths: RunPaths): Promise<void> {
  const stay = [paths.meta, paths.closed, paths.deleted].map((path) => basename(path));
  for (const name of await readdir(paths.folder)) if (!stay.includes(name)) await disk.remove(join(paths.folder, name));
}
