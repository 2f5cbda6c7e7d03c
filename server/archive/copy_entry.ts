/** One file, link or (empty) folder copied into a backup or out of it: hashed on the way, on the disk when it is done, under its name only when it is whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Entry } from './manifest.ts';

const READ_BYTES = 1024 * 1024;

type CopiedFile = Omit<Extract<Entry, { type: 'file' }>, 'path'>;
type Copied = CopiedFile | Omit<Extract<Entry, { type: 'link' }>, 'path'> | Omit<Extract<Entry, { type: 'folder' }>, 'path'>;

/** @returns what it is; null when there is nothing, or nothing that can be copied (a socket, a pipe). @throws the file system's error. */
export async function copyEntry(from: string, to: string): Promise<Copied | null> {
  const found = await lstat(from).catch((error: unknown) => (isGone(error) ? null : Promise.reject(error as Error)));
  if (found === null) return null;
  await mkdir(dirname(to), { recursive: true });
  if (found.isSymbolicLink()) {
    const target = await readlink(from);
    await symlink(target, to);
    return { type: 'link', target };
  }
  if (found.isDirectory()) {
    await mkdir(to, { recursive: true });
    return { type: 'folder' };
  }
  if (!found.isFile()) return null;
  // The size of now: a log that is being written goes on growing, and would be copied for as long as it does.
  return copyFile(from, to, { bytes: found.size, mode: found.mode & 0o777 });
}

/** What a file is now, as the list of a backup says it. */
export async function describeFile(path: string): Promise<CopiedFile> {
  const { size, mode } = await lstat(path);
  return { type: 'file', bytes: size, sha256: await through(path, size, async () => undefined), mode: mode & 0o777 };
}

async function copyFile(from: string, to: string, { bytes, mode }: { bytes: number; mode: number }): Promise<CopiedFile | null> {
  const partial = `${to}.partial`;
  const target = await open(partial, 'wx', 0o600);
  let sha256: string;
  try {
    sha256 = await through(from, bytes, (data) => target.writeFile(data));
    await target.chmod(mode);
    await target.datasync();
  } catch (error) {
    await target.close();
    await rm(partial, { force: true });
    if (isGone(error)) return null;
    throw error;
  }
  await target.close();
  await rename(partial, to);
  return { type: 'file', bytes, sha256, mode };
}

/** @returns the hash of the first `bytes`. @throws Error when the file is shorter than it was. */
async function through(from: string, bytes: number, each: (data: Buffer) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  if (bytes > 0) {
    for await (const data of createReadStream(from, { end: bytes - 1, highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
      hash.update(data);
      await each(data);
      done += data.length;
    }
  }
  if (done < bytes) throw new Error(`${from} became shorter while it was read`);
  return hash.digest('hex');
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
