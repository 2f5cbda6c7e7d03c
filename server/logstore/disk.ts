/** New files, as the writing side needs them: a port of its own, so that tests can fill the disk. */
import { open } from 'node:fs/promises';

export interface Disk {
  /** @throws EEXIST when there is a file already. */
  create(path: string): Promise<DiskFile>;
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
