/** Pushes to a local repository are told at once by its hook; anything else is noticed by the minute check, and the server says so. */
import { realpath } from 'node:fs/promises';
import type { ProjectConfig } from '../config/config.ts';
import { installHook } from './hook.ts';

type Built = Pick<ProjectConfig, 'id' | 'repo' | 'branch'>;

/** A repository has one hook, which tells every project that is built from it. */
export async function hookUp(projects: readonly Built[], url: string, report: (message: string, detail?: unknown) => void): Promise<void> {
  for (const [repo, built] of await byRepository(projects.filter(({ repo }) => repo.startsWith('/')))) {
    try {
      const branches = built.map(({ id, branch }) => ({ project: id, branch }));
      await installHook(repo, { url, branches, execPath: process.execPath });
    } catch (error) {
      const ids = built.map(({ id }) => id).join(', ');
      report(`Pushes to ${ids} are noticed within a minute, not at once: the hook could not be written.`, error);
    }
  }
}

/** By its real path: two projects may name one repository in different ways. */
async function byRepository(projects: readonly Built[]): Promise<Map<string, Built[]>> {
  const found = new Map<string, Built[]>();
  for (const project of projects) {
    const repo = await realpath(project.repo).catch(() => project.repo);
    found.set(repo, [...(found.get(repo) ?? []), project]);
  }
  return found;
}
