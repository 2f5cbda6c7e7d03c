/** Pushes to a local repository are told at once by its hook; anything else is noticed by the minute check, and the server says so. */
import type { ProjectConfig } from '../config/config.ts';
import { installHook } from './hook.ts';

export async function hookUp(
  { id, repo, branch }: Pick<ProjectConfig, 'id' | 'repo' | 'branch'>,
  url: string,
  report: (message: string, detail?: unknown) => void,
): Promise<void> {
  if (!repo.startsWith('/')) return;
  try {
    await installHook(repo, { url, project: id, branch, execPath: process.execPath });
  } catch (error) {
    report(`Pushes to ${id} are noticed within a minute, not at once: its hook could not be written.`, error);
  }
}
