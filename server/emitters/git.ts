/**
 * What the server knows of a project's repository, through the system's `git`. The invariant: asking changes nothing. No hook of the
 * repository runs, its index and working files stay as they are, and two checkouts at once do not meet. Without it a build could alter
 * what the next one sees, or stop somebody's commit. It refuses a sha that is not a sha and a folder that has something in it; it follows
 * no submodules.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Sha } from '../../src/shared/protocol/ids.ts';
import { openMirror } from './git_mirror.ts';
import type { CommitInfo, Repository } from './git_port.ts';
import { BRANCH, GitError } from './git_port.ts';
import { ask } from './repository_folder.ts';

export interface RepositoryOptions {
  /** Folder for the local copy of a repository that has an address instead of a path; without one, an address is refused. */
  mirror?: string;
}

const CHECKOUT_LIMIT_MS = 600_000;
const NO = 1;

/** @param location a path, or an address such as `https://…` or `git@host:path`. */
export function openRepository(location: string, { mirror }: RepositoryOptions = {}): Repository {
  const place = isAddress(location) ? openMirror(location, mirror) : { folder: location, refresh: async () => undefined };
  const { folder } = place;

  async function find(commit: string, signal?: AbortSignal): Promise<string | null> {
    const { code, stdout } = await ask(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`], { signal });
    return code === NO ? null : Sha.parse(stdout.trim());
  }

  return {
    async head(branch, signal) {
      if (!BRANCH.test(branch)) throw new GitError(`“${branch}” is not a name for a branch.`);
      await place.refresh(signal);
      return find(`refs/heads/${branch}`, signal);
    },

    async isEmpty(signal) {
      const { stdout } = await ask(folder, ['for-each-ref', '--count=1', 'refs/heads/'], { signal });
      return stdout.trim() === '';
    },

    async describe(sha, signal) {
      const wanted = checked(sha);
      let found = await find(wanted, signal);
      if (found === null) {
        await place.refresh(signal);
        found = await find(wanted, signal);
      }
      if (found === null) return null;
      const { stdout } = await ask(folder, ['log', '-1', '--no-show-signature', '--format=%s%x00%an', found, '--'], { signal });
      const [subject = '', author = ''] = stdout.trimEnd().split('\0');
      return { sha: found, subject, author, declared: await declaredAt(folder, found, signal) };
    },

    async checkout(sha, target, signal) {
      const commit = await find(checked(sha), signal);
      if (commit === null) throw new GitError(`${folder} has no commit ${sha}.`);
      await mkdir(target, { recursive: true });
      if ((await readdir(target)).length > 0) throw new GitError(`${target} is not empty, so nothing was checked out into it.`);
      // Not `git archive`: it leaves out what .gitattributes marks export-ignore, often the tests. Not `git checkout`: it runs hooks and shares
      // the repository's index with every other checkout.
      const scratch = await mkdtemp(join(dirname(target), '.index-'));
      const options = { signal, timeout_ms: CHECKOUT_LIMIT_MS, env: { GIT_INDEX_FILE: join(scratch, 'index') } };
      const quiet = ['-c', 'core.hooksPath=/dev/null', `--work-tree=${target}`];
      try {
        for (const step of [
          ['read-tree', commit],
          ['checkout-index', '--all', '--quiet'],
        ]) {
          const end = await ask(folder, [...quiet, ...step], options);
          if (end.code !== 0) throw new GitError(`Commit ${sha} could not be checked out: ${end.stderr.trim()}`);
        }
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },

    async compare(from, to, limit, signal) {
      const range = `${checked(from)}..${checked(to)}`;
      const count = await ask(folder, ['rev-list', '--count', range, '--'], { signal });
      const fields = '--format=%H%x00%s%x00%an%x00%cI';
      const { stdout } = await ask(
        folder,
        ['log', '--no-show-signature', '-n', String(Math.max(0, Math.trunc(limit))), fields, range, '--'],
        { signal },
      );
      const commits = stdout.split('\n').flatMap((line) => {
        const [commit, subject, author, at] = line.split('\0');
        if (commit === undefined || subject === undefined || author === undefined || at === undefined) return [];
        return [{ sha: commit, subject, author, at: new Date(at).toISOString() }];
      });
      return { total: Number(count.stdout), commits };
    },
  };
}

/** The version a commit declares: of its package.json, else of its VERSION file, else none. */
async function declaredAt(folder: string, sha: string, signal?: AbortSignal): Promise<CommitInfo['declared']> {
  const read = async (path: string): Promise<string | null> => {
    const there = await ask(folder, ['ls-tree', '--name-only', sha, '--', path], { signal });
    if (there.stdout.trim() !== path) return null;
    return (await ask(folder, ['cat-file', 'blob', `${sha}:${path}`], { signal })).stdout;
  };
  const inPackage = versionIn(await read('package.json'));
  return inPackage ?? ((await read('VERSION'))?.trim() || null);
}

function versionIn(text: string | null): string | null {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    return typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string'
      ? parsed.version
      : null;
  } catch {
    return null; // Not JSON: then it declares nothing.
  }
}

function checked(sha: string): string {
  if (!Sha.safeParse(sha).success) throw new GitError(`“${sha}” is not the full name of a commit.`);
  return sha;
}

/** `https://…`, `ssh://…` or git's short form `git@host:path`. */
function isAddress(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || /^[\w.-]+@[\w.-]+:/.test(location);
}
