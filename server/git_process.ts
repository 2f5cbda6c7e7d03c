/** Runs the system's `git`: no shell, no question to anybody, none of the server's own GIT_ variables, an end in bounded time. */
import { spawn } from 'node:child_process';
import { GitError } from './emitters/git_port.ts';

export interface GitOptions {
  signal?: AbortSignal | undefined;
  /** Added last. */
  env?: Readonly<Record<string, string>>;
  timeout_ms?: number;
}

export interface GitEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** For questions to a repository on disk, which take milliseconds. */
const QUESTION_LIMIT_MS = 60_000;
/** Output beyond this is an error and not a longer wait: nothing asked here answers with more. */
const OUTPUT_LIMIT_BYTES = 16_000_000;

/** @throws GitError when git is not installed, takes too long or says too much. Rejects with `signal.reason` when aborted. */
export function git(args: readonly string[], options: GitOptions = {}): Promise<GitEnd> {
  const { signal, timeout_ms = QUESTION_LIMIT_MS } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // A group of its own: git starts programs for filters and transports, and without a terminal none of them can ask for a password.
    const child = spawn('git', args, { env: environment(options.env), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    let stopped: Error | null = null;
    const stop = (why: Error): void => {
      stopped ??= why;
      endGroup(child.pid);
    };
    const collect = (into: Buffer[]) => (part: Buffer) => {
      bytes += part.length;
      if (bytes > OUTPUT_LIMIT_BYTES) stop(new GitError(`git ${verb(args)} said more than ${OUTPUT_LIMIT_BYTES} bytes.`));
      else into.push(part);
    };
    child.stdout.on('data', collect(stdout));
    child.stderr.on('data', collect(stderr));
    const late = setTimeout(() => stop(new GitError(`git ${verb(args)} did not end within ${timeout_ms / 1000} s.`)), timeout_ms);
    const aborted = (): void => stop(asError(signal?.reason));
    signal?.addEventListener('abort', aborted, { once: true });
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', aborted);
    };
    child.on('error', (error) => {
      settle();
      const absent = 'code' in error && error.code === 'ENOENT';
      reject(new GitError(absent ? 'git is not installed, or not on the PATH of the server.' : `git could not start: ${error.message}.`));
    });
    child.on('close', (code) => {
      settle();
      if (stopped !== null) reject(stopped);
      else resolve({ code: code ?? -1, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** The last thing git said about what went wrong, without its prefix, a stop or the password of an address. */
export function complaint({ stderr, code }: GitEnd): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.findLast((line) => /^(?:fatal|error): /.test(line)) ?? lines.findLast((line) => line !== '');
  if (said === undefined) return `exit code ${code}`;
  return withoutPassword(said.replace(/^(?:fatal|error): /, '').replace(/[\s.]+$/, ''));
}

export function withoutPassword(text: string): string {
  return text.replace(/(\w:\/\/)[^/@\s]+@/g, '$1');
}

function environment(added: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...added };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself in the meantime.
  }
}

function verb(args: readonly string[]): string {
  return args.find((arg, n) => !arg.startsWith('-') && args[n - 1] !== '-C' && args[n - 1] !== '-c') ?? '';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
