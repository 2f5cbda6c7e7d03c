/** Build workspaces: one a release, kept while a tier may still run command gates in it. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProject } from '../../../src/shared/fold/select.ts';
import type { EngineDeps } from './ports.ts';

export function workspaceOf({ workspaces }: Pick<EngineDeps, 'workspaces'>, project: string, version: string): string {
  return join(workspaces, project, version);
}

/** Removes workspaces and release folders that no tier, node or kept release needs. A folder that cannot be removed is reported and left. */
export async function pruneWorkspaces(deps: EngineDeps, id: string): Promise<void> {
  const project = findProject(deps.recording.state(), id);
  if (project === undefined) return;
  const needed = new Set<string>(
    project.tiers.flatMap((tier) => [tier.current?.version, tier.next?.version]).filter((v) => v !== undefined),
  );
  if (project.build !== null) needed.add(project.build.version);
  const newest = project.releases[0];
  if (newest !== undefined) needed.add(newest.version);
  const folder = join(deps.workspaces, id);
  try {
    const gone = (await readdir(folder)).filter((version) => !needed.has(version));
    await Promise.all(gone.map((version) => rm(join(folder, version), { recursive: true, force: true })));
    const kept = new Set<string>([...project.releases.map((release) => release.version), ...needed]);
    await deps.releases.prune(id, kept);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    deps.report(`old workspaces of ${id} could not be removed`, error);
  }
}
