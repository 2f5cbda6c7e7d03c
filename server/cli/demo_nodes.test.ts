import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeNode, nodeRuns, reviveNode, stopNode } from './demo_nodes.ts';

const NODE = { id: 'staging-1', tier: 'staging' } as const;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'signalbox node-'));
  await makeNode(root, 4999);
  await mkdir(join(root, 'releases', '1.0.0', 'dist'), { recursive: true });
  await writeFile(
    join(root, 'releases', '1.0.0', 'dist', 'server.js'),
    "process.on('SIGTERM', () => {}); console.log(process.env.PORT); setInterval(() => {}, 1000);",
  );
  await symlink('releases/1.0.0', join(root, 'current'));
});
afterEach(async () => {
  await stopNode(root, NODE.id);
  await rm(root, { recursive: true, force: true });
});

const pid = async (): Promise<number> => Number((await readFile(join(root, 'service.pid'), 'utf8')).split(' ')[0]);
/** As the deploy runs it. */
const restart = (): string => execFileSync('sh', ['-ec', './restart.sh'], { cwd: root, encoding: 'utf8' });

test('a restart ends the process before, even one that ignores the signal, and starts one that outlives the script', async () => {
  expect(restart()).toMatch(/^Started process \d+ on port 4999\n$/);
  const first = await pid();
  await expect.poll(() => readFile(join(root, 'service.log'), 'utf8')).toBe('4999\n');
  expect(restart()).toContain(`Ending process ${first}\nStarted process`);
  expect(await pid()).not.toBe(first);
  expect(await nodeRuns(root)).toBe(true);
  // Gone, or a zombie where nobody collects it.
  await expect.poll(() => readFile(`/proc/${first}/stat`, 'utf8').catch(() => 'gone')).toMatch(/^gone$|\) Z /);
});

test('a stranger that has got the number is neither taken for the service nor ended', async () => {
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(stranger, 'spawn');
  try {
    await writeFile(join(root, 'service.pid'), `${stranger.pid} 12345\n`);
    expect(await nodeRuns(root)).toBe(false);
    await stopNode(root, NODE.id);
    await writeFile(join(root, 'service.pid'), `${stranger.pid} 12345\n`);
    restart();
    expect(await pid()).not.toBe(stranger.pid);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a service is started again only when there is a release and it does not run', async () => {
  expect(await reviveNode(root, NODE)).toBe(true);
  expect(await reviveNode(root, NODE)).toBe(false);
  await stopNode(root, NODE.id);
  await rm(join(root, 'current'));
  expect(await reviveNode(root, NODE)).toBe(false);
});

test('a service that cannot start again says why', async () => {
  await rm(join(root, 'port'));
  await expect(reviveNode(root, NODE)).rejects.toThrow(/^staging-1 could not be started: .*port/);
  await makeNode(root, 4999);
});
