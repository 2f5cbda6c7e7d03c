import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { git } from '../git_process.ts';
import { installHook } from '../emitters/hook.ts';
import { FIRST_PUSH_WAIT_MS, prepareDemo } from './demo.ts';
import { nodeRuns } from './demo_nodes.ts';
import { demoPlaces } from './demo_places.ts';
import type { DemoPlaces } from './demo_places.ts';
import type { Demo } from './port.ts';

const NEVER = new Promise<void>(() => undefined);
const SERVICE = `import { createServer } from 'node:http';
createServer((_, answer) => answer.end(process.env.NODE + ' runs ' + process.env.VERSION)).listen(Number(process.env.PORT), '127.0.0.1');
`;

let folder: string;
let places: DemoPlaces;
let lines: string[];
let server: Server;
let url: string;
let told: string[];
const demos: Demo[] = [];

beforeEach(async () => {
  folder = join(await realpath(await mkdtemp(join(tmpdir(), 'signalbox-demo-'))), 'demo');
  places = demoPlaces(folder);
  lines = [];
  told = [];
  server = createServer((request, response) => {
    told.push(`${request.method} ${request.url} ${String(request.headers['x-signalbox-actor'])}`);
    request.resume().on('end', () => response.writeHead(202).end('{"status":"applied"}'));
  });
  url = await listen(server);
});
afterEach(async () => {
  for (const demo of demos.splice(0)) await demo.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(join(folder, '..'), { recursive: true, force: true, maxRetries: 3 });
});

async function listen(on: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => on.listen(port, '127.0.0.1', resolve));
  const address = on.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function prepare(clock?: Clock): Promise<Demo> {
  const demo = await prepareDemo({ folder, log: (line) => void lines.push(line), ...(clock === undefined ? {} : { clock }) });
  demos.push(demo);
  // As the server does for every repository on its machine.
  await installHook(places.repository, { url, branches: [{ project: 'hello', branch: 'main' }], execPath: process.execPath });
  return demo;
}

const head = async (repository: string): Promise<string> =>
  (await git(['-C', repository, 'rev-parse', '--verify', '--quiet', 'main'])).stdout.trim();
const portOf = async (node: 'staging-1' | 'prod-2'): Promise<number> => Number(await readFile(join(places.node(node), 'port'), 'utf8'));
const ask = (port: number): Promise<string> =>
  fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
    (response) => response.text(),
    () => 'nobody',
  );

/** Puts a release on a node, as a deploy does. */
async function deployed(node: 'staging-1' | 'prod-2'): Promise<void> {
  const release = join(places.node(node), 'releases', '1.0.0+gabcdef0');
  await mkdir(join(release, 'dist'), { recursive: true });
  await writeFile(join(release, 'package.json'), '{"type":"module"}');
  await writeFile(join(release, 'dist', 'server.js'), SERVICE);
  await symlink('releases/1.0.0+gabcdef0', join(places.node(node), 'current'));
}

describe('preparing', () => {
  test('makes a repository without a push, a clone with a first commit, four nodes and a config that is valid', async () => {
    const demo = await prepare();
    expect(demo.configFile).toBe(join(folder, 'signalbox.yaml'));
    expect(await head(places.repository)).toBe('');
    expect((await git(['-C', places.work, 'log', '--format=%an: %s'])).stdout.trim()).toBe('Signalbox demo: Say hello');
    expect((await git(['-C', places.work, 'status', '--porcelain'])).stdout).toBe('');
    expect((await readdir(places.work)).sort()).toEqual([
      '.git',
      '.gitignore',
      '.npmrc',
      'README.md',
      'build.js',
      'package.json',
      'src',
      'test',
    ]);

    const [project] = loadConfig(demo.configFile, {}).projects;
    expect(project?.repo).toBe(places.repository);
    expect(
      project?.tiers.map((tier) => [tier.id, tier.auto_promote, tier.gates.map((gate) => gate.id), tier.nodes.map((node) => node.root)]),
    ).toEqual([
      ['host', true, ['unit_tests', 'boot_smoke'], []],
      ['staging', true, ['burn_in', 'manual_confirm'], [places.node('staging-1'), places.node('staging-2')]],
      ['production', true, [], [places.node('prod-1'), places.node('prod-2')]],
    ]);
    for (const tier of project?.tiers ?? []) {
      for (const node of tier.nodes)
        expect(node.health?.http).toBe(`http://127.0.0.1:${(await readFile(join(node.root, 'port'), 'utf8')).trim()}/healthz`);
    }
  });

  test('again changes nothing, and keeps what somebody changed', async () => {
    await prepare();
    const [sha, config, ports] = [await head(places.work), await readFile(places.config, 'utf8'), await readFile(places.ports, 'utf8')];
    await prepare();
    expect([await head(places.work), await readFile(places.config, 'utf8'), await readFile(places.ports, 'utf8')]).toEqual([
      sha,
      config,
      ports,
    ]);

    await writeFile(places.config, config.replace('for: 20s', 'for: 5s'));
    await writeFile(join(places.work, 'notes.txt'), 'mine');
    await prepare();
    expect(await readFile(places.config, 'utf8')).toContain('for: 5s');
    expect(await readFile(join(places.work, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('takes another port, also in a changed config, when a stranger has one', async () => {
    await prepare();
    const taken = await portOf('staging-1');
    const kept = await portOf('prod-2');
    await writeFile(places.config, (await readFile(places.config, 'utf8')).replace('for: 20s', 'for: 5s'));
    const stranger = createServer();
    await listen(stranger, taken);
    try {
      await prepare();
    } finally {
      stranger.close();
    }
    const config = await readFile(places.config, 'utf8');
    expect(await portOf('staging-1')).not.toBe(taken);
    expect(await portOf('prod-2')).toBe(kept);
    expect(config).toContain(`127.0.0.1:${await portOf('staging-1')}/healthz`);
    expect(config).not.toContain(`:${taken}/`);
    expect(config).toContain('for: 5s');
  });
});

describe('the first push', () => {
  test('is made for real when somebody watches, through the hook, and only once', async () => {
    const demo = await prepare();
    await demo.start({ url, firstViewer: Promise.resolve() });
    expect(await head(places.repository)).toBe(await head(places.work));
    expect(told).toEqual(['POST /api/v1/projects/hello/rebuild hook:Signalbox%20demo']);
    expect(lines.join('\n')).toMatch(
      /Pushed the first commit of the example to .*\n {2}Signalbox builds [0-9a-f]{7}: http:\/\/127\.0\.0\.1:\d+\/projects\/hello/,
    );
    await demo.stop();
    const second = await prepare();
    await second.start({ url, firstViewer: NEVER });
    expect(told).toHaveLength(1);
  });

  test('is made without a watcher after a while', async () => {
    let wake: { ms: number; then: () => void } | null = null;
    const clock: Clock = { ...systemClock, after: (ms, then) => ((wake = { ms, then }), () => undefined) };
    const started = (await prepare(clock)).start({ url, firstViewer: NEVER });
    await expect.poll(() => wake?.ms).toBe(FIRST_PUSH_WAIT_MS);
    expect(told).toEqual([]);
    (wake as { then: () => void } | null)?.then();
    await started;
    expect(told).toHaveLength(1);
  });

  test('is not made when the example is stopped before', async () => {
    const demo = await prepare(systemClock);
    const started = demo.start({ url, firstViewer: NEVER });
    await demo.stop();
    await started;
    expect(await head(places.repository)).toBe('');
  });

  test('that fails is told to whoever started', async () => {
    const demo = await prepare();
    await rm(places.repository, { recursive: true });
    await expect(demo.start({ url, firstViewer: Promise.resolve() })).rejects.toThrow(
      /^git -C push origin HEAD:refs\/heads\/main failed: /,
    );
  });
});

describe('nodes', () => {
  test('with a release are started again, keep their port, and end with the example', async () => {
    await prepare();
    await deployed('staging-1');
    await prepare();
    const port = await portOf('staging-1');
    await expect.poll(() => ask(port)).toBe('staging-1 runs 1.0.0+gabcdef0');
    expect(lines).toContain(`Started the service of staging-1 again, on port ${port}.`);
    expect(await nodeRuns(places.node('prod-2'))).toBe(false);

    // As after kill -9 of the server: the service is still up, and its port is no stranger's.
    const second = await prepare();
    expect(await portOf('staging-1')).toBe(port);
    expect(lines.filter((line) => line.startsWith('Started'))).toHaveLength(1);

    await second.stop();
    await second.stop();
    expect(await ask(port)).toBe('nobody');
    expect(await nodeRuns(places.node('staging-1'))).toBe(false);
  });

  test('that cannot be started again do not keep the others, or the server, from starting', async () => {
    await prepare();
    await deployed('staging-1');
    await deployed('prod-2');
    await mkdir(join(places.node('staging-1'), 'service.log'));
    await prepare();
    expect(await nodeRuns(places.node('prod-2'))).toBe(true);
    expect(await nodeRuns(places.node('staging-1'))).toBe(false);
  });
});
