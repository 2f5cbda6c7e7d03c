/** `<root>/current`, the link that says which release a node runs. */
import { readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { Version } from '../../src/shared/protocol/ids.ts';
import { flush } from './file_tree.ts';
import { errorCode } from './system_error.ts';

/** @returns the version it names; null when the root has no such link; undefined when the root cannot be read or `current` is something else. */
export async function readCurrent(root: string): Promise<string | null | undefined> {
  try {
    const target = normalize(await readlink(join(root, 'current')));
    const ours = dirname(target) === 'releases' || dirname(target) === join(normalize(root), 'releases');
    const version = Version.safeParse(basename(target));
    return ours && version.success ? version.data : undefined;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return undefined;
    const home = await stat(root).catch(() => null);
    return home?.isDirectory() ? null : undefined;
  }
}

/** Replaces the link by one rename, so that a reader sees the old or the new release and never none. Call under the node's lock. */
export async function switchCurrent(root: string, version: string): Promise<void> {
  const next = join(root, '.current.next');
  await rm(next, { force: true });
  await symlink(join('releases', version), next);
  await rename(next, join(root, 'current'));
  await flush(root);
}
