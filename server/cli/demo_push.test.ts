import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { git } from '../git_process.ts';
import { openRepository } from '../emitters/git.ts';
import type { Break } from './demo_change.ts';
import { demoPlaces, exampleSources } from './demo_places.ts';
import { demoPush } from './demo_push.ts';
import { makeRepository } from './demo_repository.ts';

const ANA = { name: 'Ana', email: 'ana@example.org' };
const RUN_LIMIT_MS = 60_000;
let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-demo-push-')));
  await makeRepository(demoPlaces(folder), exampleSources());
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

let pushes = 0;
/** Pushes, and checks out what arrived. */
async function pushed(broken: Break | null): Promise<{ workspace: string; said: string; subject: string; declared: string | null }> {
  const said: string[] = [];
  await demoPush({ folder, broken, out: (line) => void said.push(line), author: ANA });
  const repository = openRepository(demoPlaces(folder).repository);
  const sha = (await repository.head('main')) ?? '';
  const workspace = join(folder, `workspace-${pushes++}`);
  await repository.checkout(sha, workspace);
  const commit = await repository.describe(sha);
  expect(commit?.author).toBe('Ana');
  return { workspace, said: said.join('\n'), subject: commit?.subject ?? '', declared: commit?.declared ?? null };
}

async function npm(args: string[], cwd: string): Promise<{ code: number; said: string }> {
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    FORCE_COLOR: '0',
    VERSION: '1.0.1+gabcdef0',
    NODE_OPTIONS: '',
  };
  return new Promise((resolve) => {
    execFile('npm', args, { cwd, env, timeout: RUN_LIMIT_MS }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, said: stdout + stderr }),
    );
  });
}
const build = (cwd: string) => npm(['run', 'build'], cwd);
const unitTests = (cwd: string) => npm(['test'], cwd);

/** Starts what was built and asks for its health. */
async function health(cwd: string, about: Record<string, string>): Promise<{ status: number; body: string }> {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const address = free.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => free.close(resolve));
  const service = spawn(process.execPath, ['dist/server.js'], { cwd, env: { PORT: String(port), ...about }, stdio: 'ignore' });
  try {
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      return { status: answer.status, body: await answer.text() };
    };
    return await vi.waitFor(ask, { timeout: 10_000 });
  } finally {
    service.kill('SIGKILL');
  }
}

describe('a push of the example', { timeout: 4 * RUN_LIMIT_MS }, () => {
  test('raises the version, says something else, and passes', async () => {
    const { workspace, said, subject, declared } = await pushed(null);
    expect(declared).toBe('1.0.1');
    expect(subject).toBe('Say “All lines are clear.”');
    expect(said).toMatch(/^Committed [0-9a-f]{7}, version 1\.0\.1: Say “All lines are clear\.”\nPushed to /);
    expect(await build(workspace)).toMatchObject({ code: 0 });
    expect(await readFile(join(workspace, 'dist', 'site', 'index.html'), 'utf8')).toContain('All lines are clear.');
    const tests = await unitTests(workspace);
    expect(tests).toMatchObject({ code: 0 });
    expect(tests.said).toMatch(/pass 15\n/);
    expect(await readFile(join(workspace, 'reports', 'tests.xml'), 'utf8')).toContain('<testcase name="health tells status and version"');
    expect(await health(workspace, { NODE: 'staging-1', TIER: 'staging' })).toEqual({
      status: 200,
      body: '{"status":"ok","version":"1.0.1+gabcdef0","node":"staging-1"}',
    });
  });

  test('--break tests builds, and two tests fail', async () => {
    const { workspace, said } = await pushed('tests');
    expect(said).toContain('unit_tests of host will fail');
    expect(await build(workspace)).toMatchObject({ code: 0 });
    const tests = await unitTests(workspace);
    expect(tests.code).not.toBe(0);
    expect(tests.said).toMatch(/fail 2\n/);
    expect(tests.said).toContain('✖ text cannot become markup');
  });

  test('--break build after it mends the tests, and does not build', async () => {
    const { workspace } = await pushed('build');
    const { code, said } = await build(workspace);
    expect(code).not.toBe(0);
    expect(said).toContain('SyntaxError');
    expect(said).toContain('src/greeting.js');
    expect(await readFile(join(workspace, 'src', 'escape.js'), 'utf8')).toBe(
      await readFile(join(exampleSources(), 'src', 'escape.js'), 'utf8'),
    );
  });

  test('--break health passes everything but a health check on a node', async () => {
    const { workspace, declared } = await pushed('health');
    expect(declared).toBe('1.0.4');
    expect(await build(workspace)).toMatchObject({ code: 0 });
    expect(await unitTests(workspace)).toMatchObject({ code: 0 });
    expect(await health(workspace, { TIER: 'host', GATE: 'boot_smoke' })).toMatchObject({ status: 200 });
    const onNode = await health(workspace, { NODE: 'staging-1', TIER: 'staging' });
    expect(onNode.status).toBe(503);
    expect(onNode.body).toContain('settings.json is missing');
  });

  test('without --break mends the last mistake, and leaves other changes in the clone alone', async () => {
    const { work } = demoPlaces(folder);
    await writeFile(join(work, 'README.md'), 'my own words');
    const { workspace, subject } = await pushed(null);
    expect(subject).toMatch(/^Mend it, and say “/);
    expect(await readFile(join(workspace, 'src', 'settings.js'), 'utf8')).toContain('SETTINGS_FILE = null');
    expect(await readFile(join(workspace, 'README.md'), 'utf8')).not.toBe('my own words');
    expect(await readFile(join(work, 'README.md'), 'utf8')).toBe('my own words');
    expect((await pushed(null)).subject).toMatch(/^Say “/);
  });

  test('that git refuses says where the clone is', async () => {
    const { work } = demoPlaces(folder);
    await git(['-C', work, 'reset', '--quiet', '--hard', 'HEAD~2']);
    await expect(pushed(null)).rejects.toThrow(/failed: .* The clone is in .*work\.$/s);
  });

  test('before the first start says how to make the example', async () => {
    const nowhere = join(folder, 'nowhere');
    await expect(demoPush({ folder: nowhere, broken: null, out: () => undefined })).rejects.toThrow(
      `There is no example in ${nowhere} yet. Make it with \`npm start\`.`,
    );
  });
});
