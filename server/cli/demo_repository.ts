/** The example's repository and the clone pushes are made from. Real git, and none of the user's settings: no signing, no hooks of theirs. */
import { cp, mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { complaint, git } from '../git_process.ts';
import { DEMO_BRANCH } from './demo_places.ts';
import type { DemoPlaces } from './demo_places.ts';

export interface Author {
  name: string;
  email: string;
}
export const DEMO_AUTHOR: Author = { name: 'Signalbox demo', email: 'demo@signalbox.invalid' };

/** What is made by building and testing, and so is no source. */
const MADE = new Set(['dist', 'reports', 'node_modules']);

/** Idempotent: what is there stays. */
export async function makeRepository({ repository, work }: DemoPlaces, sources: string): Promise<void> {
  await must(['init', '--quiet', '--bare', `--initial-branch=${DEMO_BRANCH}`, '--', repository]);
  // The user's own core.hooksPath, if any, must not hide the hook.
  await must(['-C', repository, 'config', 'core.hooksPath', join(repository, 'hooks')]);
  await must(['init', '--quiet', `--initial-branch=${DEMO_BRANCH}`, '--', work]);
  await must(['-C', work, 'config', 'remote.origin.url', repository]);
  await must(['-C', work, 'config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*']);
  if (await hasCommit(work)) return;
  await mkdir(work, { recursive: true });
  for (const name of await readdir(sources)) {
    if (!MADE.has(name)) await cp(join(sources, name), join(work, name), { recursive: true, filter: (path) => !MADE.has(basename(path)) });
  }
  await must(['-C', work, 'add', '--all']);
  await must(['-C', work, 'commit', '--quiet', '-m', 'Say hello'], DEMO_AUTHOR);
}

/** Whether anything was pushed yet. */
export async function wasPushed({ repository }: DemoPlaces): Promise<boolean> {
  return (await git(['-C', repository, 'rev-parse', '--verify', '--quiet', `refs/heads/${DEMO_BRANCH}`])).code === 0;
}

/** Commits these files only. @returns the sha. */
export async function commit({ work }: DemoPlaces, files: readonly string[], subject: string, author: Author): Promise<string> {
  await must(['-C', work, 'commit', '--quiet', '--only', '-m', subject, '--', ...files], author);
  return (await must(['-C', work, 'rev-parse', 'HEAD'])).stdout.trim();
}

/** Pushes for real. @returns what the repository's hook printed. @throws Error with git's complaint. */
export async function push({ work }: DemoPlaces, author: Author, signal?: AbortSignal): Promise<string[]> {
  const { stderr } = await must(['-C', work, 'push', 'origin', `HEAD:refs/heads/${DEMO_BRANCH}`], author, signal);
  return stderr.split('\n').flatMap((line) => /^remote: (.*\S)\s*$/.exec(line)?.[1] ?? []);
}

export function isRepository(folder: string): boolean {
  return existsSync(join(folder, 'HEAD')) || existsSync(join(folder, '.git', 'HEAD'));
}

async function hasCommit(work: string): Promise<boolean> {
  return (await git(['-C', work, 'rev-parse', '--verify', '--quiet', 'HEAD'])).code === 0;
}

async function must(args: readonly string[], { name, email }: Author = DEMO_AUTHOR, signal?: AbortSignal): ReturnType<typeof git> {
  const end = await git(args, {
    signal,
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    },
  });
  if (end.code !== 0) throw new Error(`git ${args.filter((arg) => !arg.startsWith('/')).join(' ')} failed: ${complaint(end)}.`);
  return end;
}
