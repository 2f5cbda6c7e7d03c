import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { lockNode } from './node_lock.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const OLD = '1.0.0+gaaaaaaa';
const NEW = '1.0.1+gbbbbbbb';
let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
  await scene.addRelease(OLD);
  await scene.addRelease(NEW);
});
afterEach(() => scene.end());

const current = (): Promise<string | null | undefined> => scene.transport.current(scene.node());
const running = (): Promise<string> => readFile(join(scene.root, 'running'), 'utf8');

describe('a deploy', () => {
  test('copies, switches, restarts, asks, and tells each step', async () => {
    expect(await current()).toBeNull();
    expect(await scene.transport.deploy(scene.job(OLD, 5))).toEqual({ ok: true });
    expect(await current()).toBe(OLD);
    expect(await readFile(join(scene.root, 'current', 'app.txt'), 'utf8')).toBe(OLD);
    expect(await running()).toBe(OLD);
    const [copied, switched, restarted, health, ...rest] = scene.said().trimEnd().split('\n');
    expect(copied).toBe(`Copied 1 file (14 B) to ${scene.root}/releases/${OLD}.`);
    expect(switched).toBe(`current -> releases/${OLD}.`);
    expect(restarted).toMatch(/^Restarted in \d+\.\d s\.$/);
    expect(health).toMatch(/^Health: 200, 1\.0\.0\+gaaaaaaa as expected, after \d+\.\d s\.$/);
    expect(rest).toEqual([]);
    expect(scene.reports).toEqual([]);
  });

  test('gives the restart script the node root, its names and its environment', async () => {
    const restart = 'pwd; echo "$VERSION $SHA $TIER $NODE $PROJECT $RELEASE $COLOUR" >&2';
    const node = scene.node({ restart, env: { COLOUR: 'amber', NODE: 'not this one' } });
    expect(await scene.transport.deploy(scene.job(NEW, 5, { node, sha: 'b'.repeat(40) }))).toEqual({ ok: true });
    expect(scene.said()).toContain(`${scene.root}\n`);
    expect(scene.said()).toContain(`${NEW} ${'b'.repeat(40)} staging staging-1 hello ${scene.root}/releases/${NEW} amber\n`);
    expect(scene.said()).toContain('No health check');
  });

  test('keeps the files that are there, and mends those that are not', async () => {
    await scene.transport.deploy(scene.job(OLD, 5));
    await scene.transport.deploy(scene.job(OLD, 6));
    expect(scene.said()).toContain(`${scene.root}/releases/${OLD} is there already, 1 file (14 B).`);
    await rm(join(scene.root, 'releases', OLD, 'app.txt'));
    await scene.transport.deploy(scene.job(OLD, 7));
    expect(scene.said()).toContain('because parts of the one there were missing');
    expect(await readFile(join(scene.root, 'current', 'app.txt'), 'utf8')).toBe(OLD);
    expect((await readdir(join(scene.root, 'releases'))).sort()).toEqual([OLD]);
  });

  test('never shows a reader a missing or half link', async () => {
    await scene.transport.deploy(scene.job(OLD, 1));
    const watch = { reading: true, reads: 0 };
    const reader = (async () => {
      while (watch.reading) {
        // Synchronous on purpose: it throws when the link is away, at whatever moment between two turns of the switching code.
        expect([OLD, NEW]).toContain(readlinkSync(join(scene.root, 'current')).replace('releases/', ''));
        watch.reads++;
        expect(await readFile(join(scene.root, 'current', 'app.txt'), 'utf8')).toMatch(/^1\.0\.[01]\+g/);
      }
    })();
    const node = scene.node({ restart: ':' });
    try {
      for (let n = 0; n < 50; n++) {
        const version = n % 2 === 0 ? NEW : OLD;
        expect(await scene.transport.deploy(scene.job(version, n + 2, { node, keep: new Set([OLD, NEW]) }))).toEqual({ ok: true });
      }
    } finally {
      watch.reading = false;
    }
    await reader;
    expect(watch.reads).toBeGreaterThan(50);
  });
});

describe('the fence', () => {
  const fenced = (reason: string) => {
    const message: unknown = expect.stringContaining(reason);
    return { ok: false, failure: { type: 'fenced', message } };
  };
  const again = (seq_no: number, version: string, generation = 1) =>
    scene.transport.deploy(scene.job(version, seq_no, { fence: { generation, seq_no } }));

  test('refuses a lower number, and the same one for another release; nothing is switched', async () => {
    expect(await again(10, OLD)).toEqual({ ok: true });
    expect(await again(9, NEW)).toEqual(fenced(`already given deploy 1.10 of ${OLD}, so deploy 1.9 of ${NEW} comes too late`));
    expect(await again(10, NEW)).toEqual(fenced('1.10'));
    expect(await current()).toBe(OLD);
    expect(await running()).toBe(OLD);
    expect(scene.said()).toContain(`staging-1 holds the files of ${NEW}, but was not switched to it. It still runs ${OLD}.`);
  });

  test('lets the same deploy through again, a higher number, and a higher generation with a lower number', async () => {
    expect(await again(10, OLD)).toEqual({ ok: true });
    expect(await again(10, OLD)).toEqual({ ok: true });
    expect(await again(3, NEW, 2)).toEqual({ ok: true });
    expect(await again(11, OLD, 1)).toEqual(fenced('2.3'));
  });

  test('a damaged memory lets nobody through', async () => {
    await again(10, OLD);
    await writeFile(join(scene.root, '.signalbox', 'fence.json'), '{"generation":');
    expect(await again(11, NEW)).toEqual(fenced('fence.json is damaged'));
  });

  test('of two deploys at once the lower never ends up on top', async () => {
    await Promise.all([again(20, OLD), again(21, NEW), again(19, OLD), again(18, OLD)]);
    expect(await current()).toBe(NEW);
    expect(await running()).toBe(NEW);
  });

  test('waits for a deploy of another process, and for its death', async () => {
    const lock = new URL('./node_lock.ts', import.meta.url).href;
    const clock = new URL('../clock.ts', import.meta.url).href;
    const script = `const { lockNode } = await import(${JSON.stringify(lock)}); const { systemClock } = await import(${JSON.stringify(clock)});
      await lockNode(${JSON.stringify(scene.root)}, systemClock, new AbortController().signal); console.log('held'); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(other.stdout, 'data');
      const short = scene.job(OLD, 1, { node: scene.node({ timeout_ms: 300 }) });
      expect(await scene.transport.deploy(short)).toMatchObject({
        ok: false,
        failure: { type: 'timeout', message: 'Another deploy has held staging-1 for longer than 0.3 s.' },
      });
      const patient = scene.transport.deploy(scene.job(OLD, 1));
      other.kill('SIGKILL');
      expect(await patient).toEqual({ ok: true });
    } finally {
      other.kill('SIGKILL');
    }
  });
});

describe('a failed deploy says why and what is left', () => {
  test('unreachable: the root is missing and is not made', async () => {
    const node = scene.node({ root: join(scene.folder, 'unmounted') });
    const result = await scene.transport.deploy(scene.job(OLD, 1, { node }));
    expect(result).toEqual({
      ok: false,
      failure: { type: 'unreachable', message: `The root of staging-1, ${node.root}, cannot be used: it does not exist.` },
    });
    expect(await scene.transport.current(node)).toBeUndefined();
    expect(await readdir(scene.folder)).not.toContain('unmounted');
  });

  test('transfer: the release is not on the server', async () => {
    expect(await scene.transport.deploy(scene.job('2.0.0', 1))).toEqual({
      ok: false,
      failure: { type: 'transfer', message: 'The files of 2.0.0 are no longer on the server; build the commit again.' },
    });
  });

  test('activate: current is a folder', async () => {
    await mkdir(join(scene.root, 'current'));
    const result = await scene.transport.deploy(scene.job(OLD, 1));
    expect(result).toEqual({
      ok: false,
      failure: { type: 'activate', message: `${scene.root}/current is not a link; move it away, then deploy again.` },
    });
    expect(await current()).toBeUndefined();
  });

  test('command: the restart script fails, its output is kept', async () => {
    await scene.transport.deploy(scene.job(OLD, 1));
    const node = scene.node({ restart: 'echo "port taken" >&2; exit 3' });
    const result = await scene.transport.deploy(scene.job(NEW, 2, { node }));
    expect(result).toEqual({
      ok: false,
      failure: { type: 'command', code: 3, message: 'The restart script of staging-1 ended with exit code 3.' },
    });
    expect(scene.said()).toContain('port taken\n');
    expect(scene.said()).toContain(`current of staging-1 is ${NEW}; the restart is not known to have worked, so ${OLD} may still run.`);
    expect(await current()).toBe(NEW);
  });

  test('a restart is given no longer when the wall clock is set back before it', async () => {
    const now = Date.now();
    onTestFinished(() => void vi.mocked(Date.now).mockRestore());
    const say = async (): Promise<void> => void vi.spyOn(Date, 'now').mockReturnValue(now - 60_000);
    const node = scene.node({ restart: 'sleep 60', timeout_ms: 400 });
    expect(await scene.transport.deploy(scene.job(NEW, 1, { node, say }))).toMatchObject({ ok: false, failure: { type: 'timeout' } });
  });

  test('timeout: the restart script does not end', async () => {
    const node = scene.node({ restart: 'sleep 60', timeout_ms: 400 });
    expect(await scene.transport.deploy(scene.job(NEW, 2, { node }))).toMatchObject({ ok: false, failure: { type: 'timeout' } });
  });

  test('health_check: the old process still answers', async () => {
    await scene.transport.deploy(scene.job(OLD, 1));
    const job = scene.job(NEW, 2);
    const health = { ...job.node.health!, timeout_ms: 600 };
    const result = await scene.transport.deploy({ ...job, node: scene.node({ restart: ':', health }) });
    const got = `200, {"version":"${OLD}"}`;
    expect(result).toEqual({
      ok: false,
      failure: {
        type: 'health_check',
        expected: NEW,
        got,
        message: `staging-1 is not healthy after 0.6 s: expected a 2xx answer with ${NEW}, got ${got}.`,
      },
    });
    expect(scene.said()).toContain('and the restart worked; its health is not known to be good.');
  });

  test('health_check: nobody answers', async () => {
    const health = { http: 'http://127.0.0.1:1/healthz', expect: NEW, timeout_ms: 300 };
    const result = await scene.transport.deploy(scene.job(NEW, 2, { node: scene.node({ health }) }));
    expect(result).toMatchObject({
      failure: { type: 'health_check', message: 'staging-1 did not answer within 0.3 s (http://127.0.0.1:1/healthz: connection refused).' },
    });
  });

  test('a line that cannot be stored does not stop a deploy', async () => {
    const say = (): never => {
      throw new Error('the log is full');
    };
    expect(await scene.transport.deploy(scene.job(NEW, 2, { say, node: scene.node({ restart: ':' }) }))).toEqual({ ok: true });
    expect(scene.reports[0]).toContain('was not logged (the log is full): Copied');
  });
});

describe('an aborted deploy', () => {
  test('before it begins changes nothing', async () => {
    expect(await scene.transport.deploy(scene.job(OLD, 1, { signal: AbortSignal.abort() }))).toEqual({ ok: false, aborted: true });
    expect(await readdir(scene.root)).toEqual([]);
    expect(scene.said()).toBe('Stopped. staging-1 was not changed.\n');
  });

  test('while it waits for the node leaves the old release', async () => {
    await scene.transport.deploy(scene.job(OLD, 1));
    const unlock = await lockNode(scene.root, systemClock, new AbortController().signal);
    const stop = new AbortController();
    const deploy = scene.transport.deploy(scene.job(NEW, 2, { signal: stop.signal }));
    await expect.poll(scene.said).toContain(`releases/${NEW}.\n`);
    stop.abort();
    expect(await deploy).toEqual({ ok: false, aborted: true });
    unlock();
    expect(scene.said()).toContain(`Stopped. staging-1 holds the files of ${NEW}, but was not switched to it. It still runs ${OLD}.`);
    expect(await current()).toBe(OLD);
  });

  test('in the middle of the restart ends the script and says that it is not known', async () => {
    await scene.transport.deploy(scene.job(OLD, 1));
    const stop = new AbortController();
    const node = scene.node({ restart: 'echo stopping; sleep 60' });
    const deploy = scene.transport.deploy(scene.job(NEW, 2, { node, signal: stop.signal }));
    await expect.poll(scene.said).toContain('stopping\n');
    stop.abort();
    expect(await deploy).toEqual({ ok: false, aborted: true });
    expect(scene.said()).toContain(
      `Stopped. current of staging-1 is ${NEW}; the restart is not known to have worked, so ${OLD} may still run.`,
    );
    // The node's lock is free again.
    expect(await scene.transport.deploy(scene.job(OLD, 3))).toEqual({ ok: true });
  });

  test('while it asks for health ends at once', async () => {
    const stop = new AbortController();
    const job = scene.job(NEW, 2, { signal: stop.signal });
    const deploy = scene.transport.deploy({ ...job, node: { ...job.node, restart: 'printf other > running' } });
    await expect.poll(scene.said).toContain('Restarted');
    stop.abort();
    expect(await deploy).toEqual({ ok: false, aborted: true });
    expect(scene.said()).toContain('and the restart worked; its health is not known to be good.');
  });
});

describe('old releases', () => {
  const VERSIONS = ['1.0.0', '1.0.1', '1.0.2', '1.0.3'];
  const held = async (): Promise<string[]> => (await readdir(join(scene.root, 'releases'))).sort();
  const deploy = (version: string, seq_no: number, keep: string[], restart = ':') =>
    scene.transport.deploy(scene.job(version, seq_no, { keep: new Set(keep), node: scene.node({ restart }) }));

  test('are removed after a good deploy, except the kept, the one before and this one', async () => {
    for (const version of VERSIONS) await scene.addRelease(version);
    for (const [n, version] of VERSIONS.entries()) expect(await deploy(version, n + 1, VERSIONS)).toEqual({ ok: true });
    await mkdir(join(scene.root, 'releases', '.partial-of-a-crash'));
    await scene.addRelease('1.0.4');
    expect(await deploy('1.0.4', 9, ['1.0.1'])).toEqual({ ok: true });
    expect(await held()).toEqual(['1.0.1', '1.0.3', '1.0.4']);
    expect(scene.said()).toContain('Removed 1.0.0, 1.0.2 from the node.');
  });

  test('stay after a failed one', async () => {
    expect(await deploy(OLD, 1, [])).toEqual({ ok: true });
    expect(await deploy(NEW, 2, [], 'exit 1')).toMatchObject({ ok: false });
    expect(await deploy(NEW, 3, [], 'exit 1')).toMatchObject({ ok: false });
    expect(await held()).toEqual([OLD, NEW]);
  });
});

test('current of a link that leads elsewhere is not known', async () => {
  await symlink('/usr', join(scene.root, 'current'));
  expect(await current()).toBeUndefined();
  expect(await readlink(join(scene.root, 'current'))).toBe('/usr');
});

test('a copy that fails leaves no half release', async () => {
  await writeFile(join(scene.root, 'releases'), 'in the way');
  const result = await scene.transport.deploy(scene.job(NEW, 1));
  expect(result).toMatchObject({
    ok: false,
    failure: { type: 'transfer', message: `${NEW} could not be copied to staging-1: a part of its path is not a folder.` },
  });
});
