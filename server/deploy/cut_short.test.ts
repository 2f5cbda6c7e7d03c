/**
 * A server that dies, or a disk that fails, at any step of a deploy or of storing a release. From the n-th file operation on nothing happens any
 * more, clean-up included, as when the process is gone (`dies`); or the n-th alone fails and the code may clean up (`fails`). Afterwards node
 * and store are in order, and the next deploy and the next rollback work.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readCurrent } from './current_link.ts';
import { openReleaseStore } from './release_store.ts';
import { openScene, plainSpawn, type Scene } from './scene.ts';

type How = 'dies' | 'fails';

const disk = vi.hoisted(() => ({
  /** Operations since `cut`, and which one is the last; watched only then. */
  seen: 0,
  at: 0,
  how: undefined as How | undefined,
  watched: false,
  step(name: string): void {
    if (!this.watched) return;
    this.seen += 1;
    if (this.seen === this.at || (this.how === 'dies' && this.at > 0 && this.seen > this.at))
      throw Object.assign(new Error(`${name}: EIO`), { code: 'EIO' });
  },
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<Record<string, unknown>>();
  const stepped = Object.entries(real).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value];
    const through = value as (...args: unknown[]) => Promise<unknown>;
    const call = async (...args: unknown[]): Promise<unknown> => {
      disk.step(name);
      const given = await through(...args);
      return name === 'open' ? handle(given as object) : given;
    };
    return [name, call];
  });
  /** Closing is no step: a handle of a process that is gone is closed, too. */
  const handle = (of: object): object =>
    new Proxy(of, {
      get(target, member) {
        const value: unknown = Reflect.get(target, member);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (member === 'writeFile' || member === 'datasync') disk.step(member);
          // The process dies here, not the machine: waiting for the disk would only cost time.
          if (member === 'datasync') return Promise.resolve();
          return Reflect.apply(value, target, args);
        };
      },
    });
  return { ...(Object.fromEntries(stepped) as object), default: real };
});

/** @returns whether the work came to the n-th operation. */
async function cut(how: How, at: number, work: () => Promise<unknown>): Promise<boolean> {
  Object.assign(disk, { seen: 0, at, how, watched: true });
  try {
    await work().catch((error: unknown) => expect(error).toMatchObject({ message: expect.stringContaining('EIO') as string }));
    return disk.seen >= at;
  } finally {
    disk.watched = false;
  }
}

const FILES = (version: string): Record<string, string> => ({
  'app.txt': version,
  'pages/a.html': `a of ${version}`,
  'pages/b.html': version,
});
/** Enough that a loop over all operations has an end when something is wrong. */
const OPERATIONS_MAX = 400;
/** Which operations of a deploy are tried: half of them, and fewer where most clean up the same way. Set both to 1 to try all. */
const EVERY = { dies: 2, fails: 5 } as const;

let scene: Scene | null = null;
afterEach(async () => {
  disk.watched = false;
  await scene?.end();
  scene = null;
});

async function whole(folder: string, version: string): Promise<void> {
  for (const [name, text] of Object.entries(FILES(version))) expect(await readFile(join(folder, name), 'utf8')).toBe(text);
}

async function fenceOf({ root }: Scene): Promise<number> {
  const text = await readFile(join(root, '.signalbox', 'fence.json'), 'utf8');
  return (JSON.parse(text) as { seq_no: number }).seq_no;
}

/** What holds on a node at every moment, whoever died. */
async function inOrder(at: Scene, names: readonly string[]): Promise<void> {
  const current = await readCurrent(at.root);
  expect(names).toContain(current);
  for (const name of await readdir(join(at.root, 'releases')))
    if (!name.startsWith('.')) await whole(join(at.root, 'releases', name), name);
  if (typeof current === 'string') await whole(join(at.root, 'current'), current);
}

describe.each<How>(['dies', 'fails'])('a deploy in which everything %s at some step', (how) => {
  test(
    'leaves a whole release current and the fence where it was or higher; then a rollback and a deploy work',
    { timeout: 120_000 },
    async () => {
      let cuts = 0;
      for (let at = 1; ; at += EVERY[how]) {
        if (at > OPERATIONS_MAX) throw new Error('the deploy has no end');
        const here = (scene = await openScene({ runner: { spawn: async (spec) => (disk.step('spawn'), plainSpawn(spec)) } }));
        for (const version of ['1.0.0', '1.1.0']) await here.addRelease(version, FILES(version));
        const deploy = (version: string, seq_no: number) => here.transport.deploy(here.job(version, seq_no));
        expect(await deploy('1.0.0', 10)).toEqual({ ok: true });

        const reached = await cut(how, at, () => deploy('1.1.0', 20));
        await inOrder(here, ['1.0.0', '1.1.0']);
        expect([10, 20]).toContain(await fenceOf(here));

        expect(await deploy('1.0.0', 30)).toEqual({ ok: true });
        await inOrder(here, ['1.0.0']);
        expect(await readFile(join(here.root, 'running'), 'utf8')).toBe('1.0.0');
        // The deploy that was cut short wakes up late.
        expect(await deploy('1.1.0', 20)).toMatchObject({ ok: false, failure: { type: 'fenced' } });
        expect(await fenceOf(here)).toBe(30);
        expect(await deploy('1.1.0', 40)).toEqual({ ok: true });
        await inOrder(here, ['1.1.0']);
        expect((await readdir(join(here.root, 'releases'))).filter((name) => name.startsWith('.'))).toEqual([]);
        await here.end();
        scene = null;
        if (!reached) break;
        cuts += 1;
      }
      expect(cuts * EVERY[how]).toBeGreaterThan(20);
    },
  );

  test('on a node that had nothing leaves nothing or a whole release, and the next deploy works', { timeout: 120_000 }, async () => {
    for (let at = 1; ; at += 3 * EVERY[how]) {
      const here = (scene = await openScene());
      await here.addRelease('1.0.0', FILES('1.0.0'));
      const reached = await cut(how, at, () => here.transport.deploy(here.job('1.0.0', 1)));
      await mkdir(join(here.root, 'releases'), { recursive: true });
      await inOrder(here, [null as never, '1.0.0']);
      expect(await here.transport.deploy(here.job('1.0.0', 2))).toEqual({ ok: true });
      await inOrder(here, ['1.0.0']);
      await here.end();
      scene = null;
      if (!reached) break;
    }
  });
});

describe.each<How>(['dies', 'fails'])('storing a release in which everything %s at some step', (how) => {
  test('stores the whole release or none; what was left is discarded, and it can be stored anew', { timeout: 60_000 }, async () => {
    const here = (scene = await openScene());
    const workspace = join(here.folder, 'workspace');
    await mkdir(join(workspace, 'pages'), { recursive: true });
    for (const [name, text] of Object.entries(FILES('1.0.0'))) await writeFile(join(workspace, name), text);
    const folder = join(here.folder, 'stored');
    let cuts = 0;
    for (let at = 1; ; at++) {
      // Another process each time, over the same folder.
      const before = openReleaseStore({ folder, report: () => undefined });
      const reached = await cut(how, at, async () => {
        await before.claim('hello', '1.0.0', 7);
        await before.store('hello', '1.0.0', workspace, ['app.txt', 'pages']);
      });
      const after = openReleaseStore({ folder, report: () => undefined });
      if (await after.has('hello', '1.0.0')) await whole(after.path('hello', '1.0.0'), '1.0.0');
      expect(await after.claim('hello', '1.0.0', 7)).toBe(true);
      expect(await after.claim('hello', '1.0.0', 8)).toBe(false);
      await after.discard('hello', '1.0.0');
      await after.store('hello', '1.0.0', workspace, ['app.txt', 'pages']);
      await whole(after.path('hello', '1.0.0'), '1.0.0');
      await after.prune('hello', new Set(['1.0.0']));
      expect((await readdir(join(folder, 'hello'))).sort()).toEqual(['.versions', '1.0.0']);
      await rm(folder, { recursive: true });
      if (!reached) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(15);
  });
});

test('a log that was restored has a higher generation: its fences pass although its numbers are lower, and the old ones no more', async () => {
  const here = (scene = await openScene());
  for (const version of ['1.0.0', '1.1.0']) await here.addRelease(version);
  const deploy = (version: string, generation: number, seq_no: number) =>
    here.transport.deploy(here.job(version, seq_no, { fence: { generation, seq_no } }));
  expect(await deploy('1.0.0', 1, 900)).toEqual({ ok: true });
  expect(await deploy('1.1.0', 2, 40)).toEqual({ ok: true });
  expect(await deploy('1.0.0', 1, 5000)).toMatchObject({ ok: false, failure: { type: 'fenced' } });
  expect(await readCurrent(here.root)).toBe('1.1.0');
  expect(await fenceOf(here)).toBe(40);
});
