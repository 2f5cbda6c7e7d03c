/**
 * A real line in a temp folder: a bare repository, a work clone, a config, node roots with a restart script that starts a real HTTP service.
 * Scripts that should last as long as a test likes wait for a file, so that no test sleeps: `hold('build')` before, `release('build')` after.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CommitOptions {
  /** Declared version. */
  version?: string;
  /** Breaks the build, the test of the first tier, or the answer of the deployed service. */
  breaks?: 'build' | 'tests' | 'health';
  subject?: string;
}

export interface LineOptions {
  /** Burn-in of staging; none when absent. */
  burnIn?: string;
  confirm?: boolean;
  approvals?: number;
  /** Whether production is entered by itself. */
  autoProduction?: boolean;
  buildTimeout?: string;
}

const NODES = ['staging-1', 'staging-2', 'prod-1', 'prod-2'] as const;
export type NodeName = (typeof NODES)[number];

const SERVICE = `import { createServer } from 'node:http';
const { PORT, VERSION, BROKEN } = process.env;
createServer((_, answer) => {
  answer.writeHead(BROKEN === '1' ? 500 : 200, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ version: VERSION }));
}).listen(Number(PORT), '127.0.0.1');
`;

/** Ends the service before and starts the one \`current\` names, outliving the script. The pid is checked by the command line it was started with. */
const RESTART = `#!/bin/sh
echo "restarting $NODE with $VERSION"
while [ -e "$HOLDS/restart-$NODE" ]; do sleep 0.02; done
if [ -f pid ] && grep -aq service.mjs "/proc/$(cat pid)/cmdline" 2>/dev/null; then kill "$(cat pid)" || true; fi
PORT="$(cat port)" BROKEN="$(cat current/broken-flag)" setsid node current/dist/service.mjs </dev/null >>service.log 2>&1 &
echo $! > pid
`;

export class Line {
  readonly folder: string;
  #commits = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(options: LineOptions = {}): Promise<Line> {
    const line = new Line(await mkdtemp(join(tmpdir(), 'signalbox-line-')));
    await mkdir(line.#holds);
    for (const node of NODES) await line.#makeNode(node);
    await line.git(['init', '--quiet', '--bare', '--initial-branch=main', line.repo], line.folder);
    await line.git(['clone', '--quiet', line.repo, line.work], line.folder);
    await line.git(['checkout', '--quiet', '-b', 'main'], line.work);
    await writeFile(line.config, await line.#yaml(options));
    return line;
  }

  get repo(): string {
    return join(this.folder, 'app.git');
  }
  get work(): string {
    return join(this.folder, 'work');
  }
  get config(): string {
    return join(this.folder, 'signalbox.yaml');
  }
  get data(): string {
    return join(this.folder, '.signalbox');
  }
  get #holds(): string {
    return join(this.folder, 'holds');
  }
  nodeRoot(node: NodeName): string {
    return join(this.folder, 'nodes', node);
  }

  /** The named script waits until `release`: build, tests, restart-prod-1 … */
  async hold(what: string): Promise<void> {
    await writeFile(join(this.#holds, what), '');
  }
  async release(what: string): Promise<void> {
    await rm(join(this.#holds, what), { force: true });
  }

  /** Commits and pushes for real. @returns the sha and what git printed, the hook's words included. */
  async push(options: CommitOptions = {}): Promise<{ sha: string; printed: string }> {
    const sha = await this.commit(options);
    const { stderr } = await this.git(['push', '--quiet', 'origin', 'main'], this.work);
    return { sha, printed: stderr };
  }

  async commit({ version = `1.0.${this.#commits}`, breaks, subject }: CommitOptions = {}): Promise<string> {
    this.#commits++;
    const file = (name: string, text: string): Promise<void> => writeFile(join(this.work, name), text);
    const wait = (what: string): string => `echo "${what} begins"\nwhile [ -e "$HOLDS/${what}" ]; do sleep 0.02; done\n`;
    await file('package.json', `${JSON.stringify({ name: 'app', version, type: 'module' })}\n`);
    await file('service.mjs', SERVICE);
    await file(
      'build.sh',
      `${wait('build')}${breaks === 'build' ? 'echo "build.sh: syntax error near line 7" >&2; exit 2\n' : 'mkdir -p dist; cp service.mjs dist/\necho "built"\n'}`,
    );
    await file(
      'test.sh',
      `${wait('tests')}${breaks === 'tests' ? 'echo "not ok 2 - adds up"; echo "# pass 1"; echo "# fail 1"; exit 1\n' : 'echo "ok 1 - adds up"; echo "# pass 2"; echo "# fail 0"\n'}`,
    );
    await file('broken-flag', breaks === 'health' ? '1' : '0');
    await this.git(['add', '-A'], this.work);
    await this.git(['commit', '--quiet', '--allow-empty', '-m', subject ?? `change ${this.#commits}`], this.work);
    return (await this.git(['rev-parse', 'HEAD'], this.work)).stdout.trim();
  }

  /** The version a node's \`current\` names, read from the disk and not from the server. */
  async runs(node: NodeName): Promise<string | null> {
    const current = join(this.nodeRoot(node), 'current');
    return existsSync(current) ? basename(await readlink(current)) : null;
  }

  async git(args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
    const who = {
      GIT_AUTHOR_NAME: 'Ben',
      GIT_AUTHOR_EMAIL: 'ben@example.org',
      GIT_COMMITTER_NAME: 'Ben',
      GIT_COMMITTER_EMAIL: 'ben@example.org',
    };
    return run('git', args, { cwd, env: { ...process.env, ...who, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' } });
  }

  /** Ends the nodes' services and removes the folder. */
  async remove(): Promise<void> {
    for (const node of NODES) await this.#endService(node);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #endService(node: NodeName): Promise<void> {
    const file = join(this.nodeRoot(node), 'pid');
    if (!existsSync(file)) return;
    const pid = Number(await readFile(file, 'utf8'));
    const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended already
    if (cmdline.includes('service.mjs')) process.kill(pid, 'SIGKILL');
  }

  async #makeNode(node: NodeName): Promise<void> {
    const root = this.nodeRoot(node);
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'port'), String(await freePort()));
    await writeFile(join(root, 'restart.sh'), RESTART);
    await chmod(join(root, 'restart.sh'), 0o755);
  }

  async #yaml(options: LineOptions): Promise<string> {
    const node = async (id: NodeName): Promise<string> => {
      const port = await readFile(join(this.nodeRoot(id), 'port'), 'utf8');
      return `{ id: ${id}, root: ./nodes/${id}, restart: ./restart.sh, timeout: 30s, health: { http: "http://127.0.0.1:${port}/", expect: "$VERSION", within: 3s } }`;
    };
    const gates = [
      ...(options.burnIn === undefined ? [] : [`{ kind: burn_in, for: ${options.burnIn} }`]),
      ...(options.confirm === false ? [] : [`{ kind: manual_confirm, approvals: ${options.approvals ?? 1} }`]),
    ];
    return `projects:
  - id: app
    repo: ./app.git
    branch: main
    env: { HOLDS: ${this.#holds} }
    build:
      run: sh -e build.sh
      artifacts: [dist/service.mjs, broken-flag]
      timeout: ${options.buildTimeout ?? '1m'}
    tiers:
      - id: host
        gates:
          - { id: unit_tests, kind: command, run: sh -e test.sh, timeout: 1m }
          - { kind: boot_smoke, run: node dist/service.mjs, http: "http://127.0.0.1:$PORT/", within: 10s }
      - id: staging
        auto_promote: true
        canary: sequential
        nodes:
          - ${await node('staging-1')}
          - ${await node('staging-2')}
        gates: [${gates.join(', ')}]
      - id: production
        auto_promote: ${options.autoProduction ?? true}
        canary: sequential
        nodes:
          - ${await node('prod-1')}
          - ${await node('prod-2')}
`;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
