/**
 * Lists and copies a folder's files, folders and symbolic links, nothing else: a socket, pipe or device in a release would hang or mean
 * something different on another machine, so it is refused by name. Links are copied as links, never followed, so that a link cannot make
 * a copy read from outside its folder.
 */
import { constants, copyFile, lstat, mkdir, open, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface Leaf {
  /** Relative to the listed folder; the folder's own path is the empty string. */
  path: string;
  kind: 'folder' | 'file' | 'link';
  /** Bytes of a file, else 0. */
  size: number;
  /** Where a link leads, as written; else empty. */
  target: string;
}

/** Copies in flight; libuv has four file threads, and a few more keep them busy. */
const COPY_LANES = 8;

export class OddFile extends Error {
  override readonly name = 'OddFile';
}

/** @param path a file, folder or link. @returns it and all below it, parents first, in the order of their names. @throws OddFile for anything else. */
export async function listTree(path: string, signal?: AbortSignal): Promise<Leaf[]> {
  const found: Leaf[] = [];
  const visit = async (at: string): Promise<void> => {
    signal?.throwIfAborted();
    const full = join(path, at);
    const stat = await lstat(full);
    if (stat.isSymbolicLink()) found.push({ path: at, kind: 'link', size: 0, target: await readlink(full) });
    else if (stat.isFile()) found.push({ path: at, kind: 'file', size: stat.size, target: '' });
    else if (stat.isDirectory()) {
      found.push({ path: at, kind: 'folder', size: 0, target: '' });
      for (const name of (await readdir(full)).sort()) await visit(at === '' ? name : join(at, name));
    } else throw new OddFile(at === '' ? path : at);
  };
  await visit('');
  return found;
}

/** Copies what `listTree(from)` found; files keep their mode and reach the disk before this resolves. `to` must not exist, its parent must. */
export async function copyTree(from: string, to: string, leaves: readonly Leaf[], signal?: AbortSignal): Promise<void> {
  const files: Leaf[] = [];
  for (const leaf of leaves) {
    signal?.throwIfAborted();
    if (leaf.kind === 'folder') await mkdir(join(to, leaf.path));
    else if (leaf.kind === 'link') await symlink(leaf.target, join(to, leaf.path));
    else files.push(leaf);
  }
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let leaf = files[next++]; leaf !== undefined; leaf = files[next++]) {
      signal?.throwIfAborted();
      await copyFile(join(from, leaf.path), join(to, leaf.path), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await flush(join(to, leaf.path));
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: COPY_LANES }, lane));
  // All lanes have stopped before the first error is passed on: a caller that removes `to` must not race with a lane still writing.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Waits until a file's or folder's content is on the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** E.g. `12 files (34 kB)`. */
export function sizeOf(leaves: readonly Leaf[]): string {
  const files = leaves.filter((leaf) => leaf.kind !== 'folder');
  const bytes = files.reduce((sum, leaf) => sum + leaf.size, 0);
  const size = bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} (${size})`;
}
