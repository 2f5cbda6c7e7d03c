/** New files, and old ones removed, as the writing side needs them: a port of its own, so that tests can fill the disk or end a life at any step. */
import { access, open, rm } from 'node:fs/promises';

export interface Disk {
  /** @throws EEXIST when there is a file already. */
  create(path: string): Promise<DiskFile>;
  /** Also when there is none. */
  remove(path: string): Promise<void>;
  /** Names made or removed in the folder are on the device when it resolves. */
  syncFolder(path: string): Promise<void>;
}

export interface DiskFile {
  /** Writes all of it there. After an error some of it may have been written. */
  write(data: Buffer, position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Resolves when data and length are on the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const realDisk: Disk = {
  remove: (path) => rm(path, { force: true, recursive: true }),
  async syncFolder(path) {
    const folder = await open(path);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async create(path) {
    const file = await open(path, 'wx', 0o600);
    return {
      async write(data, position) {
        for (let done = 0; done < data.length;) {
          const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
          done += bytesWritten;
        }
      },
      truncate: (length) => file.truncate(length),
      sync: () => file.datasync(),
      close: () => file.close(),
    };
  },
};

/** A small file in one go, on the device when it resolves. */
export async function writeNew(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.create(path);
  try {
    await file.write(Buffer.from(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

export async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    (error: unknown) => (isCode(error, 'ENOENT') ? false : Promise.reject(error as Error)),
  );
}
