/** Which of a workspace's files make a release, and that none of them leads out of it. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { Leaf } from './file_tree.ts';
import { ArtifactError } from './port.ts';
import { errorCode } from './system_error.ts';

/** @returns relative paths without trailing slash, each once, none inside another. @throws ArtifactError */
export function plainArtifacts(artifacts: readonly string[]): string[] {
  if (artifacts.length === 0) throw new ArtifactError('The build lists no artifacts, so there is nothing to release.');
  const paths = artifacts.map((artifact) => {
    const path = normalize(artifact).replace(/\/+$/, '') || '/';
    const leadsOut = isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`) || artifact.split(/[/\\]/).includes('..');
    if (artifact === '' || artifact.includes('\0') || leadsOut) {
      throw new ArtifactError(
        `The artifact “${artifact}” is not a path inside the workspace; list it relative to the workspace, without “..”.`,
      );
    }
    return path;
  });
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && (other === '.' || path.startsWith(other + sep))));
}

/** @returns where the artifact really is. @throws ArtifactError when a folder on the way to it is a link out of the workspace. */
export async function locate(workspace: string, artifact: string): Promise<string> {
  const home = await realpath(workspace);
  try {
    const parent = await realpath(join(home, dirname(artifact)));
    if (!isInside(home, parent)) throw new ArtifactError(`The artifact ${artifact} is behind a link that leads out of the workspace.`);
    return artifact === '.' ? home : join(parent, basename(artifact));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') throw missing(artifact);
    throw error;
  }
}

export function missing(artifact: string): ArtifactError {
  return new ArtifactError(`The build made no ${artifact}, which its artifacts list.`);
}

/** Looks at the links of a copied release where they are now, because what a link leads to depends on where it is read. @throws ArtifactError */
export async function checkLinks(release: string, leaves: readonly Leaf[]): Promise<void> {
  const home = await realpath(release);
  for (const leaf of leaves) {
    if (leaf.kind !== 'link') continue;
    try {
      const led = await realpath(join(home, leaf.path));
      if (isInside(home, led)) continue;
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
    }
    throw new ArtifactError(`The artifact ${leaf.path} is a link to ${leaf.target}, which is not among the artifacts.`);
  }
}

function isInside(home: string, path: string): boolean {
  return path === home || path.startsWith(home + sep);
}
