/** The files of the snapshots, as a port, so that a test can make the disk fail. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SnapshotDisk {
  /** Names in the folder; none when there is no folder. */
  list(folder: string): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  /** Durable when it resolves. After a failure nothing is there under that name. The pieces are asked for one by one, as they are written. */
  write(path: string, pieces: Iterable<string>): Promise<void>;
  /** Also when it is not there. */
  remove(path: string): Promise<void>;
}

/** Ends the name of a file that is being written. */
export const BESIDE = '.new';

export const realDisk: SnapshotDisk = {
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  },

  read: (path) => readFile(path),

  async write(path, pieces) {
    const beside = `${path}${BESIDE}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const file = await open(beside, 'w', 0o600);
      try {
        for (const piece of pieces) await file.write(piece);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      // On a full disk half a file is what the log could use the place of.
      await rm(beside, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  },

  remove: (path) => rm(path, { force: true }),
};

/** The new name survives a power cut only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
