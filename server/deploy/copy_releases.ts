/** Whole release folders for a backup, beside a live server. A release that is pruned meanwhile is left out: nobody may go back to it. */
import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import type { Copies } from '../archive/port.ts';
import { listTree } from './file_tree.ts';
import { errorCode } from './system_error.ts';
import { CLAIMS_FILE } from './version_claims.ts';

/** @param folder of the release store. @throws the file system's error. */
export async function copyReleases(folder: string, target: string, into: Pick<Copies, 'copy' | 'drop'>): Promise<void> {
  for (const project of await names(folder)) {
    // Before the folders: one that is stored meanwhile is taken all the same, because its folder is there.
    await into.copy(join(folder, project, CLAIMS_FILE), join(target, project, CLAIMS_FILE));
    for (const version of await names(join(folder, project))) {
      const [from, to] = [join(folder, project, version), join(target, project, version)];
      for (const { path } of await listed(from)) await into.copy(join(from, path), join(to, path));
      // A release loses its name first and its files after: with its name still there, all that was copied is all there was.
      if (!(await names(join(folder, project))).includes(version)) await into.drop(to);
    }
  }
}

async function listed(release: string): Promise<Awaited<ReturnType<typeof listTree>>> {
  try {
    return await listTree(release);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Hidden ones are being gathered or removed. */
async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
