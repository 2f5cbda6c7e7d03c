/** Test support: real repositories in a temp folder, with a name and a branch that do not depend on whose machine it is. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const WHO = {
  GIT_AUTHOR_NAME: 'Ana Ruiz',
  GIT_AUTHOR_EMAIL: 'ana@example.org',
  GIT_COMMITTER_NAME: 'Ana Ruiz',
  GIT_COMMITTER_EMAIL: 'ana@example.org',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export class GitScene {
  readonly folder: string;
  /** Bare, as a project's repository is. */
  readonly bare: string;
  readonly work: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.bare = join(folder, 'hello.git');
    this.work = join(folder, 'work');
  }

  static async open(): Promise<GitScene> {
    const scene = new GitScene(await realpath(await mkdtemp(join(tmpdir(), 'signalbox-git-'))));
    await scene.git(['init', '--quiet', '--bare', '--initial-branch=main', scene.bare], scene.folder);
    await scene.git(['init', '--quiet', '--initial-branch=main', scene.work], scene.folder);
    await scene.git(['remote', 'add', 'origin', scene.bare]);
    return scene;
  }

  /** @returns what it printed on stdout; see `push` for stderr. */
  async git(args: string[], cwd = this.work, env: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run('git', args, { cwd, env: { ...process.env, ...WHO, ...env } });
    return stdout.trim();
  }

  async commit(subject: string, files: Record<string, string> = { 'file.txt': subject }): Promise<string> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.work, name)), { recursive: true });
      await writeFile(join(this.work, name), text);
    }
    await this.git(['add', '--all']);
    await this.git(['commit', '--quiet', '--allow-empty', '-m', subject]);
    return this.git(['rev-parse', 'HEAD']);
  }

  /** @returns what the pusher saw, the hook's words included, and how long it took. */
  async push(args: string[] = ['main'], env: Record<string, string> = {}): Promise<{ printed: string; ms: number }> {
    const started = performance.now();
    const { stderr } = await run('git', ['push', 'origin', ...args], { cwd: this.work, env: { ...process.env, ...WHO, ...env } });
    return { printed: stderr, ms: performance.now() - started };
  }

  async pushed(subject: string, files?: Record<string, string>): Promise<string> {
    const sha = await this.commit(subject, files);
    await this.push(['--quiet', 'HEAD:main']);
    return sha;
  }

  end(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
