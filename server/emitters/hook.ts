/** Puts the post-receive hook into a repository, or says why not. A hook that somebody else wrote is never touched. */
import { chmod, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GitError } from './git_port.ts';
import { HOOK_MARK, HOOK_PROGRAM, hookLauncher, hookProgram } from './hook_program.ts';
import type { HookTarget } from './hook_program.ts';
import { ask } from './repository_folder.ts';

export interface HookOptions extends HookTarget {
  /** The Node that runs the hook: `process.execPath`, because `node` on a pusher's PATH may be an old one. */
  execPath: string;
}

export interface InstalledHook {
  /** Absolute path of `post-receive`. */
  path: string;
  /** False when everything was as it should be already. */
  changed: boolean;
  /** True when `post-receive` is somebody else's and calls our program. */
  chained: boolean;
}

/** Idempotent. @throws GitError with the way out when the repository is unusable or has another hook. */
export async function installHook(repository: string, options: HookOptions): Promise<InstalledHook> {
  const hooks = await hooksFolder(repository);
  const path = join(hooks, 'post-receive');
  const program = join(hooks, HOOK_PROGRAM);
  const found = await textOf(path);
  const ours = found === null || found.includes(HOOK_MARK);
  const chained = !ours && found.includes(HOOK_PROGRAM);
  // The program is written even when it will not be called: the line that the refusal asks for must work as soon as it is added.
  let changed = await put(program, hookProgram(options), 0o644);
  if (!ours && !chained) {
    throw new GitError(
      `${path} is not Signalbox's, so it was left alone and pushes are noticed within a minute. To be told at once, let it pass its input on to: "${options.execPath}" "${program}"`,
    );
  }
  if (ours) changed = (await put(path, hookLauncher(options.execPath), 0o755)) || changed;
  return { path, changed, chained };
}

async function hooksFolder(repository: string): Promise<string> {
  const home = (await ask(repository, ['rev-parse', '--absolute-git-dir'])).stdout.trimEnd();
  const answer = (await ask(repository, ['rev-parse', '--git-path', 'hooks'])).stdout.trimEnd();
  const hooks = resolve(repository, answer);
  const own = join(home, 'hooks');
  await mkdir(own, { recursive: true });
  if ((await realpath(hooks).catch(() => hooks)) !== (await realpath(own))) {
    throw new GitError(
      `core.hooksPath sends the hooks of ${repository} to ${hooks}, which other repositories may share, so none was written. Give it its own: git -C ${repository} config core.hooksPath ${own}`,
    );
  }
  return own;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** By rename: a push at this moment runs the old hook or the new one. @returns whether it was not so already. */
async function put(path: string, text: string, mode: number): Promise<boolean> {
  if ((await textOf(path)) === text) return false;
  const next = `${path}.next`;
  await writeFile(next, text);
  await chmod(next, mode);
  await rename(next, path);
  return true;
}
