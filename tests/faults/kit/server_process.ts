/**
 * The real server as a process of its own, to be killed, stopped and started again over one data folder. It always gets the same port, so that
 * viewers, operators and the repository's hook find it again. It is ready when `/readyz` says so, not when something answers.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from '../../support/line.ts';
import { ROOT } from './cases.ts';

const READY_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 15;
const PRINTED_KEPT = 20_000;

export interface Gone {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** Put before the command: a tracer. */
  before?: readonly string[];
  /** Data folder; the line's when left out. */
  data?: string;
}

export class ServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly gone: Promise<Gone>;
  /** What it said, on both streams. */
  printed = '';
  hasGone = false;
  readonly #child: ChildProcess;
  readonly #started = performance.now();

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.port = port;
    const hear = (data: Buffer): void => void (this.printed = (this.printed + data.toString()).slice(-PRINTED_KEPT));
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    this.gone = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.hasGone = true;
        resolve({ code, signal });
      };
      // Not `close`: a service that a restart script started may hold a stream.
      child.once('exit', end);
      child.once('error', (error) => ((this.printed += error.message), end(null, null)));
    });
  }

  /** Starts it and does not wait for anything. */
  static spawn(line: Line, port: number, { before = [], data = line.data }: StartOptions = {}): ServerProcess {
    const main = join(ROOT, 'server/main.ts');
    const argv = [...before, process.execPath, main, 'serve', '--config', line.config, '--data', data, '--port', String(port)];
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: line.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServerProcess(child, port);
  }

  /** @throws Error when it ended instead. */
  static async start(line: Line, port: number, options?: StartOptions): Promise<ServerProcess> {
    const server = ServerProcess.spawn(line, port, options);
    await server.ready();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves with the ms since its start when it takes commands. @throws Error when it has gone, or is not ready in time. */
  async ready(): Promise<number> {
    for (;;) {
      if (this.hasGone) throw new Error(`the server ended before it was ready: ${this.printed.slice(-2_000)}`);
      const waited = performance.now() - this.#started;
      if (waited > READY_WITHIN_MS) throw new Error(`the server was not ready within ${READY_WITHIN_MS} ms: ${this.printed.slice(-2_000)}`);
      if ((await this.status('/readyz')) === 200) return waited;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Null when nobody answers. */
  async status(path: string): Promise<number | null> {
    try {
      const answer = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(5_000) });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return null;
    }
  }

  async json(path: string): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  signal(name: NodeJS.Signals): void {
    if (!this.hasGone) this.#child.kill(name);
  }

  /** As a power cut does to the process. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }

  /** As Ctrl-C does. */
  async stop(): Promise<Gone> {
    this.signal('SIGTERM');
    return this.gone;
  }
}
