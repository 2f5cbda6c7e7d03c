/** Asks one repository folder, and turns what can be wrong with the folder itself into a sentence with the way out. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { complaint, git } from '../git_process.ts';
import type { GitEnd, GitOptions } from '../git_process.ts';
import { GitError } from './git_port.ts';

/** What git exits with when it could not even begin. */
const FATAL = 128;

/**
 * @returns also for an exit code other than 0, when the question was understood (`rev-parse --quiet` answers "no" with 1).
 * @throws GitError when the repository is missing, is none, or cannot be read.
 */
export async function ask(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitEnd> {
  // Without the ceiling git looks upward, and a folder that is no repository answers for the one it lies in.
  const env = { GIT_CEILING_DIRECTORIES: dirname(folder), ...options.env };
  const end = await git(['-C', folder, '-c', 'core.fsmonitor=false', ...args], { ...options, env });
  if (end.code === FATAL) throw new GitError(await whatIsWrong(folder, end));
  return end;
}

async function whatIsWrong(folder: string, end: GitEnd): Promise<string> {
  const found = await stat(folder).catch(() => null);
  const correct = 'or correct “repo” in signalbox.yaml';
  if (found === null) return `There is no repository at ${folder}; make it with “git init --bare ${folder}”, ${correct}.`;
  if (end.stderr.includes('dubious ownership')) {
    return `git does not trust ${folder}, because another user owns it; run “git config --global --add safe.directory ${folder}” as the user of the server.`;
  }
  if (end.stderr.includes('not a git repository'))
    return `${folder} is not a git repository; make it one with “git init --bare ${folder}”, ${correct}.`;
  return `git could not read ${folder}: ${complaint(end)}.`;
}
