/** Test support: a node root, a store with releases, and a service that answers with what its last restart was told. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Runner } from '../runner/port.ts';
import { httpProbe } from './http_probe.ts';
import { localTransport } from './local_transport.ts';
import type { DeployJob, NodeTarget, Probe, Transport } from './port.ts';
import { openReleaseStore } from './release_store.ts';

/** What a restart script does when it works: the service below answers with this file. */
export const RESTART = 'printf %s "$VERSION" > running';

export interface Scene {
  root: string;
  folder: string;
  transport: Transport;
  /** What was told to the operator, as text. */
  said: () => string;
  reports: string[];
  addRelease(version: string, files?: Record<string, string>): Promise<void>;
  node(changes?: Partial<NodeTarget>): NodeTarget;
  job(version: string, seq_no: number, changes?: Partial<DeployJob>): DeployJob;
  end(): Promise<void>;
}

export async function openScene(parts: { probe?: Probe; runner?: Pick<Runner, 'spawn'> } = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-deploy-'));
  const root = join(folder, 'node');
  await mkdir(root);
  const reports: string[] = [];
  const report = (message: string): void => void reports.push(message);
  const releases = openReleaseStore({ folder: join(folder, 'releases'), report });
  const service = createServer((_request, response) => {
    readFile(join(root, 'running'), 'utf8').then(
      (version) => response.end(JSON.stringify({ version })),
      () => response.writeHead(503).end('starting'),
    );
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const output: Buffer[] = [];
  const transport = localTransport({
    releases,
    runner: parts.runner ?? { spawn: plainSpawn },
    clock: systemClock,
    probe: parts.probe ?? httpProbe,
    report,
  });

  const node: Scene['node'] = (changes = {}) => ({ id: 'staging-1', root, restart: RESTART, env: {}, timeout_ms: 10_000, ...changes });
  return {
    root,
    folder,
    transport,
    said: () => Buffer.concat(output).toString('utf8'),
    reports,
    async addRelease(version, files = { 'app.txt': version }) {
      const workspace = join(folder, `workspace-${version}`);
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(workspace, name, '..'), { recursive: true });
        await writeFile(join(workspace, name), text);
      }
      await releases.store('hello', version, workspace, Object.keys(files));
    },
    node,
    job: (version, seq_no, changes = {}) => ({
      project: 'hello',
      tier: 'staging',
      node: node({ health: { http: `http://127.0.0.1:${port}/healthz`, expect: version, timeout_ms: 5_000 } }),
      version,
      sha: '3f2a91c3f2a91c3f2a91c3f2a91c3f2a91c3f2a9',
      fence: { generation: 1, seq_no },
      keep: new Set<string>(),
      output: (data) => void output.push(data),
      say: async (line) => void output.push(Buffer.from(`${line}\n`)),
      signal: new AbortController().signal,
      ...changes,
    }),
    async end() {
      service.closeAllConnections();
      await new Promise((resolve) => service.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A runner without nonce, grace and sweep: enough for a restart script that ends, and for one that is stopped. */
export const plainSpawn: Runner['spawn'] = (spec) =>
  new Promise((resolve) => {
    const started = Date.now();
    const child = spawn('sh', ['-ec', spec.script], {
      cwd: spec.cwd,
      env: { PATH: process.env['PATH'], ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const elapsed = (): number => (Date.now() - started) / 1000;
    const kill = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const late = setTimeout(() => {
      kill();
      resolve({ end: { type: 'timeout', after_s: spec.timeout_ms / 1000 }, elapsed_s: elapsed() });
    }, spec.timeout_ms);
    const stop = (): void => {
      kill();
      resolve({ end: { type: 'aborted' }, elapsed_s: elapsed() });
    };
    spec.signal.addEventListener('abort', stop, { once: true });
    if (child.pid !== undefined) spec.started?.(child.pid);
    child.stdout.on('data', (data: Buffer) => void spec.output(data));
    child.stderr.on('data', (data: Buffer) => void spec.output(data));
    child.on('close', (code) => {
      clearTimeout(late);
      spec.signal.removeEventListener('abort', stop);
      resolve({ end: { type: 'exit', code: code ?? -1 }, elapsed_s: elapsed() });
    });
  });
