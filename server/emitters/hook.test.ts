import { chmod, mkdir, readFile, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GitError } from './git_port.ts';
import { GitScene } from './scene.ts';
import { installHook } from './hook.ts';
import type { BuiltBranch } from './hook_program.ts';

const MAIN: BuiltBranch[] = [{ project: 'hello', branch: 'main' }];

interface Told {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

let scene: GitScene;
let server: Server;
let url: string;
let told: Told[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  scene = await GitScene.open();
  told = [];
  answer = (response) => response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"applied","seq_no":7}');
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      told.push({ method: request.method, path: request.url, headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  await closeServer();
  await scene.end();
});

async function closeServer(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const install = (changes: { execPath?: string; url?: string; branches?: BuiltBranch[] } = {}) =>
  installHook(scene.bare, { url, branches: MAIN, execPath: process.execPath, ...changes });
const hooks = (): string => join(scene.bare, 'hooks');

describe('a push', () => {
  test('is told to the server with its commit, its pusher and a key of its own, and the pusher sees where to look', async () => {
    await install();
    const sha = await scene.commit('first');
    const { printed } = await scene.push(['main'], { GIT_COMMITTER_NAME: 'José Núñez' });
    expect(printed).toContain(`remote: Signalbox builds ${sha.slice(0, 7)}: ${url}/projects/hello`);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ method: 'POST', path: '/api/v1/projects/hello/rebuild', body: JSON.stringify({ sha }) });
    expect(told[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-signalbox-actor': 'hook:Jos%C3%A9%20N%C3%BA%C3%B1ez' });
    expect(told[0]?.headers['idempotency-key']).toMatch(/^hook-[0-9a-f-]{36}$/);
    expect(told[0]?.headers.origin).toBeUndefined();
    await scene.commit('second');
    await scene.push();
    expect(told[1]?.headers['idempotency-key']).not.toBe(told[0]?.headers['idempotency-key']);
  });

  test('names the pusher by the system user, else by git, else not', async () => {
    await install();
    const pusherOf = async (env: Record<string, string>): Promise<unknown> => {
      await scene.commit('next');
      await scene.push(['main'], { GIT_COMMITTER_NAME: '', ...env });
      return told.at(-1)?.headers['x-signalbox-actor'];
    };
    expect(await pusherOf({ USER: 'ben' })).toBe('hook:ben');
    expect(await pusherOf({ USER: '' })).toBe('hook:unknown');
    await scene.git(['config', 'user.name', 'Cleo'], scene.bare);
    expect(await pusherOf({ USER: '' })).toBe('hook:Cleo');
  });

  test('of another branch, of a tag, or that deletes the branch is not told', async () => {
    await install({ branches: [{ project: 'hello', branch: 'release' }] });
    await scene.commit('first');
    await scene.git(['tag', 'v1']);
    await scene.push(['main', 'v1']);
    expect(told).toEqual([]);
    const { printed } = await scene.push(['main:release']);
    expect(printed).toContain('Signalbox builds');
    expect((await scene.push([':release'])).printed).not.toContain('Signalbox');
    expect(told).toHaveLength(1);
  });

  test('is told to every project that builds what was pushed, and to no other', async () => {
    await install({
      branches: [...MAIN, { project: 'docs', branch: 'main' }, { project: 'next', branch: 'next' }, { project: 'old', branch: 'old' }],
    });
    const sha = await scene.commit('first');
    const { printed } = await scene.push(['main', 'main:next']);
    expect(told.map(({ path, body }) => [path, body]).sort()).toEqual(
      ['docs', 'hello', 'next'].map((project) => [`/api/v1/projects/${project}/rebuild`, JSON.stringify({ sha })]),
    );
    for (const project of ['docs', 'hello', 'next'])
      expect(printed).toContain(`Signalbox builds ${sha.slice(0, 7)}: ${url}/projects/${project}`);
  });

  test('waits no longer for many projects than for one, and hears of a server that is down once', async () => {
    const branches = Array.from({ length: 20 }, (_, n) => ({ project: `p${n}`, branch: 'main' }));
    await install({ branches });
    answer = (response) => (told.length === 1 ? response.writeHead(202).end('{}') : undefined);
    await scene.commit('first');
    const { printed, ms } = await scene.push();
    expect(printed.split('Signalbox builds')).toHaveLength(2);
    expect(printed.split('gave no answer within 0.8 s.')).toHaveLength(2);
    expect(ms).toBeLessThan(3_000);
    await closeServer();
    await scene.commit('second');
    expect((await scene.push()).printed.split('is not reachable')).toHaveLength(2);
  });

  test('is not disturbed by a server that is down, and says that nothing is lost', async () => {
    await install();
    await closeServer();
    const sha = await scene.commit('first');
    const { printed, ms } = await scene.push();
    expect(printed).toContain(`Signalbox at ${url} is not reachable (ECONNREFUSED). It builds the newest commit when it starts.`);
    expect(ms).toBeLessThan(3_000);
    expect(await scene.git(['rev-parse', 'main'], scene.bare)).toBe(sha);
  });

  test('is not held up by a server that does not answer', async () => {
    await install();
    answer = () => undefined;
    await scene.commit('first');
    const { printed, ms } = await scene.push();
    expect(printed).toContain(`Signalbox at ${url} gave no answer within 0.8 s.`);
    // The hook's own limit is 800 ms; the rest is git and the start of Node, on a machine that may be busy.
    expect(ms).toBeLessThan(3_000);
  });

  test('shows why the server did not take it', async () => {
    await install();
    answer = (response) =>
      response.writeHead(409).end('{"status":"refused","seq_no":8,"refusal":{"code":"unresolvable","message":"No such commit."}}');
    await scene.commit('first');
    expect((await scene.push()).printed).toContain('Signalbox did not accept this push (409). No such commit.');
    answer = (response) => response.writeHead(502).end('<html>Bad gateway');
    await scene.commit('second');
    expect((await scene.push()).printed).toMatch(/Signalbox did not accept this push \(502\)\.\s/);
  });

  test('works when the package.json above the repository makes files modules or not', async () => {
    await install();
    for (const type of ['module', 'commonjs']) {
      await writeFile(join(scene.folder, 'package.json'), JSON.stringify({ type }));
      await scene.commit(type);
      expect((await scene.push()).printed).toContain('Signalbox builds');
    }
  });

  test('works with a Node at a path with spaces, and says when that Node is gone', async () => {
    const execPath = join(scene.folder, "Ana's tools", 'node');
    await mkdir(dirname(execPath));
    await symlink(await realpath(process.execPath), execPath);
    await install({ execPath });
    await scene.commit('first');
    expect((await scene.push()).printed).toContain('Signalbox builds');
    await install({ execPath: '/gone/node' });
    await scene.commit('second');
    expect((await scene.push()).printed).toContain('Signalbox was not told of this push: /gone/node is gone.');
  });
});

describe('installing', () => {
  test('again changes nothing; another address changes the hook', async () => {
    const first = await install();
    expect(first).toEqual({ path: join(hooks(), 'post-receive'), changed: true, chained: false });
    expect((await stat(first.path)).mode & 0o777).toBe(0o755);
    expect((await install()).changed).toBe(false);
    expect((await install({ url: 'http://127.0.0.1:9/' })).changed).toBe(true);
    await scene.commit('first');
    expect((await scene.push()).printed).toContain('Signalbox at http://127.0.0.1:9 is not reachable');
  });

  test("leaves somebody else's hook alone and says how to join them", async () => {
    const foreign = '#!/bin/sh\necho "mine"\n';
    const file = join(hooks(), 'post-receive');
    await mkdir(hooks(), { recursive: true });
    await writeFile(file, foreign);
    await chmod(file, 0o755);
    const refused = await install().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GitError);
    expect(await readFile(file, 'utf8')).toBe(foreign);

    // What the refusal tells to add is what works.
    const line = /pass its input on to: (.*)$/.exec(refused instanceof Error ? refused.message : '')?.[1] ?? '';
    await writeFile(file, `${foreign}${line}\n`);
    expect(await install()).toMatchObject({ chained: true, changed: false });
    await scene.commit('first');
    const { printed } = await scene.push();
    expect(printed).toContain('remote: mine');
    expect(printed).toContain('Signalbox builds');
    expect(await readFile(file, 'utf8')).toContain('mine');
  });

  test('writes nothing where other repositories would run it, too', async () => {
    const shared = join(scene.folder, 'shared-hooks');
    await mkdir(shared);
    await scene.git(['config', 'core.hooksPath', shared], scene.bare);
    await expect(install()).rejects.toThrow(`core.hooksPath sends the hooks of ${scene.bare} to ${shared}`);
    await expect(stat(join(shared, 'post-receive'))).rejects.toThrow('ENOENT');
    await scene.git(['config', 'core.hooksPath', hooks()], scene.bare);
    expect(await install()).toMatchObject({ changed: true });
  });

  test('works for a repository with working files, and says when there is none', async () => {
    const options = { url, branches: MAIN, execPath: process.execPath };
    expect((await installHook(scene.work, options)).path).toBe(join(scene.work, '.git', 'hooks', 'post-receive'));
    await expect(installHook(join(scene.folder, 'gone'), options)).rejects.toThrow('There is no repository at');
  });
});
