/** Build workspaces: one a release, kept while a tier may still run command gates in it, after a rollback too. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProject } from '../../../src/shared/fold/select.ts';
import { COMPLETED_KEPT, type ProjectState } from '../../../src/shared/fold/state.ts';
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
  for (const version of mayComeBack(project, keptReleases(deps, id))) needed.add(version);
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

/** What a rollback may put on a node where a command gate follows, there or in a later tier. */
function mayComeBack({ tiers }: ProjectState, others: number): string[] {
  return tiers.flatMap((tier, index) => {
    const gated = tiers.slice(index).some(({ gates }) => gates.some(({ kind }) => kind === 'command'));
    if (!gated || tier.nodes.length === 0) return [];
    return tier.completed.filter((version) => version !== tier.current?.version).slice(0, others);
  });
}

function keptReleases({ config }: EngineDeps, id: string): number {
  return config().projects.find((project) => project.id === id)?.keep_releases ?? COMPLETED_KEPT;
}
