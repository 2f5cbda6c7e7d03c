/** The real server, as its own process, over a line's config: what a user starts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { State } from '../../src/shared/fold/state.ts';
import type { Line } from './line.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const ANSWER_DEADLINE_MS = 20_000;

export class Signalbox {
  readonly line: Line;
  readonly env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #port = 0;
  printed = '';

  constructor(line: Line, env: Readonly<Record<string, string>> = {}) {
    this.line = line;
    this.env = env;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it and resolves when it answers. A second start keeps the port, as a restart would. */
  async start(): Promise<this> {
    const args = [MAIN, 'serve', '--config', this.line.config, '--data', this.line.data, '--port', String(this.#port)];
    const child = spawn(process.execPath, args, {
      cwd: this.line.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.#child = child;
    const hear = (data: Buffer): void => void (this.printed += data.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const deadline = Date.now() + ANSWER_DEADLINE_MS;
    while (!this.#answers(child)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${this.printed}`);
      if (Date.now() > deadline) throw new Error(`the server did not answer: ${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this;
  }

  #answers(child: ChildProcess): boolean {
    const file = join(this.line.data, 'server.json');
    if (!existsSync(file)) return false;
    const said = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; url: string };
    if (said.pid !== child.pid) return false;
    this.#port = Number(new URL(said.url).port);
    return true;
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a power cut does to the process. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${this.url}${path}`)).json();
  }

  async state(): Promise<State> {
    return ((await this.get('/api/v1/state')) as { state: State }).state;
  }

  /** Events of the given kinds since the beginning. */
  async events(...kinds: string[]): Promise<Record<string, unknown>[]> {
    const query = kinds.map((kind) => `&kind=${kind}`).join('');
    return ((await this.get(`/api/v1/events?after=0&limit=1000${query}`)) as { items: Record<string, unknown>[] }).items;
  }

  /** A command as curl sends it. */
  async command(path: string, body: unknown = {}, actor = 'local:Ana'): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), 'x-signalbox-actor': actor },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
}
