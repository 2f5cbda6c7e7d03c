/** What the server knows of a project's repository, by the system's `git`. */

export interface CommitInfo {
  sha: string;
  subject: string;
  author: string;
  /** `version` of the package.json at that commit, or the content of VERSION, or null. */
  declared: string | null;
}

export interface Repository {
  /** Head of the branch, or null when the branch has no commit. @throws GitError with a sentence when the repository is missing or unreadable. */
  head(branch: string, signal?: AbortSignal): Promise<string | null>;
  /** Whether it has no branch at all, as far as `head` saw last. */
  isEmpty(signal?: AbortSignal): Promise<boolean>;
  /** Null when the repository has no such commit. */
  describe(sha: string, signal?: AbortSignal): Promise<CommitInfo | null>;
  /** Writes the files of the commit into an empty or missing folder. */
  checkout(sha: string, folder: string, signal?: AbortSignal): Promise<void>;
  /** Commits in `to` that are not in `from`, newest first, at most `limit`; `total` is exact. */
  compare(
    from: string,
    to: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ total: number; commits: { sha: string; subject: string; author: string; at: string }[] }>;
}

/** A name that git takes for a branch, and that no command line takes for an option. */
export const BRANCH = /^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$))[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$/;

export class GitError extends Error {
  override readonly name = 'GitError';
}
