/** `<root>/releases/`, the releases a node holds. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyTree, flush, listTree, sizeOf } from './file_tree.ts';
import type { Leaf } from './file_tree.ts';
import { errorCode } from './system_error.ts';

/** Puts the release there by one rename, or keeps the one that is there when nothing of it is missing. @returns what was done, for the operator. */
export async function bringRelease(source: string, root: string, version: string, signal: AbortSignal): Promise<string> {
  const home = join(root, 'releases');
  const release = join(home, version);
  const leaves = await listTree(source, signal);
  const there = await listTree(release, signal).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (there !== null && holds(there, leaves)) return `${release} is there already, ${sizeOf(leaves)}`;

  await mkdir(home, { recursive: true });
  const partial = join(home, `.partial-${randomUUID()}`);
  try {
    await copyTree(source, partial, leaves, signal);
    // A damaged copy is moved aside: a rename does not replace a folder that has something in it.
    if (there !== null) await rename(release, join(home, `.damaged-${randomUUID()}`));
    await rename(partial, release);
    await flush(home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return `Copied ${sizeOf(leaves)} to ${release}${there === null ? '' : ', because parts of the one there were missing'}`;
}

/** Removes what no longer has to be there, half copies of earlier deploys included. @returns the versions removed. */
export async function pruneReleases(root: string, keep: ReadonlySet<string>): Promise<string[]> {
  const home = join(root, 'releases');
  const removed: string[] = [];
  for (const name of await readdir(home)) {
    if (keep.has(name)) continue;
    const doomed = name.startsWith('.') ? join(home, name) : join(home, `.removed-${randomUUID()}`);
    if (!name.startsWith('.')) {
      await rename(join(home, name), doomed);
      removed.push(name);
    }
    await rm(doomed, { recursive: true, force: true });
  }
  return removed;
}

/** Files a service added beside its own are no damage. */
function holds(there: readonly Leaf[], leaves: readonly Leaf[]): boolean {
  const found = new Map(there.map((leaf) => [leaf.path, leaf]));
  return leaves.every((leaf) => {
    const same = found.get(leaf.path);
    return same?.kind === leaf.kind && same.size === leaf.size && same.target === leaf.target;
  });
}
