/** A local bare copy of a repository that has an address: git answers questions about commits only from a disk. */
import { mkdir } from 'node:fs/promises';
import { complaint, git, withoutPassword } from '../git_process.ts';
import type { GitEnd } from '../git_process.ts';
import { GitError } from './git_port.ts';

const FETCH_LIMIT_MS = 300_000;

export interface Mirror {
  folder: string;
  /** Brings every branch and tag up to date. One at a time; who asks meanwhile waits for the one after. @throws GitError */
  refresh(signal?: AbortSignal): Promise<void>;
}

export function openMirror(address: string, folder: string | undefined): Mirror {
  const shown = withoutPassword(address);
  let last: Promise<unknown> = Promise.resolve();

  async function fetch(into: string, signal?: AbortSignal): Promise<void> {
    await mkdir(into, { recursive: true });
    const must = (end: GitEnd): void => {
      if (end.code !== 0) throw new GitError(`${shown} could not be fetched: ${complaint(end)}.`);
    };
    const options = { signal, timeout_ms: FETCH_LIMIT_MS };
    must(await git(['init', '--quiet', '--bare', '--', into], options));
    must(
      await git(
        ['-C', into, 'fetch', '--quiet', '--prune', '--', address, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
        options,
      ),
    );
  }

  return {
    folder: folder ?? address,
    async refresh(signal) {
      if (folder === undefined) {
        throw new GitError(
          `${shown} is an address, and there is no folder to keep a copy of it; clone it with “git clone --mirror” and name that folder as “repo”.`,
        );
      }
      const mine = last.then(() => fetch(folder, signal));
      last = mine.catch(() => undefined);
      await mine;
    },
  };
}
