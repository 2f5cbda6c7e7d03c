/**
 * Release folders on the server: `<folder>/<project>/<version>/`, the files every deploy of that release is copied from. The invariant: a
 * folder under its final name is a whole release and never changes. Without it two nodes of one tier could run different files under one
 * version, and a rollback could bring back something that never ran. So files are gathered under a hidden name, lose their write
 * permission, reach the disk, and get their final name by one rename; a second store under the name is refused, not merged.
 * It refuses artifacts that are missing or lead out of the workspace, and does not know what a node or a tier is.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import { ProjectId, Version } from '../../src/shared/protocol/ids.ts';
import { claimVersion, CLAIMS_FILE, readClaims } from './version_claims.ts';
import { checkLinks, locate, missing, plainArtifacts } from './artifacts.ts';
import { copyTree, flush, listTree, OddFile } from './file_tree.ts';
import { ArtifactError } from './port.ts';
import type { ReleaseStore } from './port.ts';
import { because, errorCode } from './system_error.ts';

export interface ReleaseStoreOptions {
  /** Absolute; made when missing. */
  folder: string;
  /** Receives what an operator should know but nothing failed for. */
  report: (message: string) => void;
}

const WRITE_PERMISSIONS = 0o222;

export function openReleaseStore({ folder, report }: ReleaseStoreOptions): ReleaseStore {
  /** Hidden folders of stores in progress: prune removes such folders, which an earlier life left behind, but not these. */
  const gathering = new Set<string>();
  const path = (project: string, version: string): string => join(folder, ProjectId.parse(project), Version.parse(version));

  return {
    path,
    has: (project, version) => isFolder(path(project, version)),

    async claim(project, version, owner) {
      const home = dirname(path(project, version));
      await mkdir(home, { recursive: true });
      const claims = await readClaims(home);
      const mine = claims.get(version);
      if (mine !== undefined) return mine === owner;
      if (await isFolder(join(home, version))) return false;
      await claimVersion(home, version, owner);
      return true;
    },

    async claimed(project) {
      const home = join(folder, ProjectId.parse(project));
      const stored = (await namesIn(home)).filter((name) => !name.startsWith('.'));
      return new Set([...stored, ...(await readClaims(home)).keys()]);
    },

    discard: (project, version) => removeFolder(path(project, version)),

    async store(project, version, workspace, artifacts) {
      const release = path(project, version);
      const partial = join(dirname(release), `.partial-${randomUUID()}`);
      gathering.add(partial);
      try {
        await mkdir(partial, { recursive: true });
        await gather(workspace, plainArtifacts(artifacts), partial);
        await rename(partial, release);
        await flush(dirname(release));
      } catch (error) {
        await rm(partial, { recursive: true, force: true });
        const code = errorCode(error);
        if (code === 'ENOTEMPTY' || code === 'EEXIST') throw taken(project, version);
        if (code === 'ENOSPC' || code === 'EDQUOT')
          throw new Failure('storage_full', `Release ${version} was not stored: ${because(error)}.`, { cause: error });
        throw error;
      } finally {
        gathering.delete(partial);
      }
    },

    async prune(project, keep) {
      const home = join(folder, ProjectId.parse(project));
      for (const name of await namesIn(home)) {
        const found = join(home, name);
        if (keep.has(name) || name === CLAIMS_FILE || gathering.has(found)) continue;
        try {
          if (name.startsWith('.')) await rm(found, { recursive: true, force: true });
          else await removeFolder(found);
        } catch (error) {
          report(`Release folder ${found} could not be removed: ${because(error)}.`);
        }
      }
    },
  };
}

async function gather(workspace: string, artifacts: readonly string[], release: string): Promise<void> {
  for (const artifact of artifacts) {
    const source = await locate(workspace, artifact);
    const target = join(release, artifact);
    try {
      const leaves = await listTree(source);
      if (artifact !== '.') await mkdir(dirname(target), { recursive: true });
      await copyTree(source, target, artifact === '.' ? leaves.filter((leaf) => leaf.path !== '') : leaves);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw missing(artifact);
      if (error instanceof OddFile)
        throw new ArtifactError(`The artifact ${basename(error.message)} is a socket, pipe or device, which no release can hold.`);
      throw error;
    }
  }
  const stored = await listTree(release);
  await checkLinks(release, stored);
  for (const leaf of stored) if (leaf.kind === 'file') await dropWrite(join(release, leaf.path));
  for (const leaf of stored) if (leaf.kind === 'folder') await flush(join(release, leaf.path));
}

async function dropWrite(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (mode & WRITE_PERMISSIONS) await chmod(file, mode & 0o777 & ~WRITE_PERMISSIONS);
}

function taken(project: string, version: string): ArtifactError {
  return new ArtifactError(`Release ${version} of ${project} is stored already, and a release never changes.`);
}

/** Renamed first: a removal that is cut short must not leave half a release under its name. */
async function removeFolder(release: string): Promise<void> {
  const doomed = join(dirname(release), `.removed-${randomUUID()}`);
  try {
    await rename(release, doomed);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
