import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { compressLog } from './compress_log.ts';
import { isThere, realDisk, type Disk } from './disk.ts';
import type { KeepRules } from './keep_rules.ts';
import { beyond, KEEP_ALL, keptWhy } from './keep_rules.ts';
import { COMPRESS_AFTER_MS, COMPRESS_AGAIN_MS, KEEP_EVERY_MS, LogKeeper } from './log_keeper.ts';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { dyingDisk, faultyDisk, handClock, meta, noSpace, openFixture, sha256 } from './log_store_fixture.ts';
import type { LogStore } from './port.ts';
import { ClosedRecord } from './records.ts';
import { verifyRunLogs } from './verify_logs.ts';

const DAY_MS = 86_400_000;

let fixture: Fixture;
let clock: ReturnType<typeof handClock>;
let rules: KeepRules;
let needed: number[];
let store: LogStore;
beforeEach(async () => {
  fixture = await openFixture();
  clock = handClock();
  clock.ms = 1_000_000_000_000;
  rules = KEEP_ALL;
  needed = [];
  store = await fixture.open({ clock, keep: () => rules, isNeeded: (run_id) => needed.includes(run_id) });
});
afterEach(() => fixture.cleanUp());

async function closedLog(run_id: number, data: string | Buffer = `log ${run_id}\n`): Promise<void> {
  const log = await store.create(meta(run_id), []);
  log.write(Buffer.from(data));
  await log.close();
}

/** A keeper over the store's folder, as the next life has it. */
function keeper(disk = realDisk): LogKeeper {
  const report = (message: string): void => void fixture.reports.push(message);
  return new LogKeeper({ folder: fixture.folder, disk, clock, report, rules: () => rules, isNeeded: (run_id) => needed.includes(run_id) });
}

async function keptRuns(): Promise<number[]> {
  const kept: number[] = [];
  for (let run_id = 1; run_id < 10; run_id++) {
    const stat = await store.stat(run_id);
    if (stat && !stat.deleted) kept.push(run_id);
  }
  return kept;
}

async function look(disk = realDisk): Promise<void> {
  const one = keeper(disk);
  await one.look();
  await one.close();
}

describe('logs are deleted', () => {
  test('when they are too old, and a record stays', async () => {
    await closedLog(1);
    clock.ms += 10 * DAY_MS;
    await closedLog(2);
    rules = { ...KEEP_ALL, keep_ms: 30 * DAY_MS };
    clock.ms += 20 * DAY_MS - 1;
    await look();
    expect(await keptRuns()).toEqual([1, 2]);
    clock.ms += 1;
    await look();
    expect(await keptRuns()).toEqual([2]);
    const deleted = {
      at_ms: clock.ms,
      why: 'Log deleted after 30 days; outcome and hash kept.',
      bytes: 6,
      sha256: sha256(Buffer.from('log 1\n')),
    };
    expect(await store.stat(1)).toMatchObject({ meta: meta(1), closed: true, bytes: 0, sha256: deleted.sha256, deleted });
    expect((await readdir(runPaths(fixture.folder, 1).folder)).sort()).toEqual(['closed.json', 'deleted.json', 'meta.json']);
    expect(JSON.parse(await readFile(runPaths(fixture.folder, 1).deleted, 'utf8'))).toEqual(deleted);
    expect(await store.chunks(1, 0, 100)).toEqual([]);
    await expect(store.source(1)).rejects.toMatchObject({ code: 'log_deleted', message: deleted.why });
    await expect(buffer(store.bytes(1, 0, 9))).rejects.toMatchObject({ code: 'log_deleted' });
    await expect(store.create(meta(1), [])).rejects.toMatchObject({ code: 'conflict' });
    expect(store.highestRunId()).toBe(2);
  });

  test('when there are too many: the oldest first, by when they were closed', async () => {
    const late = await store.create(meta(1), []);
    for (const run_id of [2, 3, 4]) {
      clock.ms += 1000;
      await closedLog(run_id);
    }
    clock.ms += 1000;
    await late.close();
    rules = { ...KEEP_ALL, keep_runs: 2 };
    await look();
    expect(await keptRuns()).toEqual([1, 4]);
    expect(await store.stat(2)).toMatchObject({ kept_why: 'Log deleted to keep no more than 2 logs; outcome and hash kept.' });
  });

  test('when they take too much of the disk, and no more of them than needed', async () => {
    for (const run_id of [1, 2, 3]) {
      clock.ms += 1000;
      await closedLog(run_id, Buffer.alloc(100_000, 'x'));
    }
    rules = { ...KEEP_ALL, keep_bytes: 250_000 };
    await look();
    expect(await keptRuns()).toEqual([2, 3]);
    expect((await store.stat(1))?.kept_why).toBe('Log deleted to keep logs within 250 kB; outcome and hash kept.');
  });

  test('never one that is open, nor one that something waits on', async () => {
    const open = await store.create(meta(1), []);
    await closedLog(2);
    await closedLog(3);
    needed = [2];
    rules = { ...KEEP_ALL, keep_ms: 1, keep_runs: 1 };
    clock.ms += DAY_MS;
    await look();
    expect(await keptRuns()).toEqual([1, 2]);
    needed = [];
    await look();
    expect(await keptRuns()).toEqual([1]);
    open.write(Buffer.from('still here'));
    expect((await open.close()).bytes).toBe(10);
  });

  test('at boot, then at intervals; a log closed meanwhile is met too', async () => {
    await closedLog(1);
    rules = { ...KEEP_ALL, keep_runs: 1 };
    const next = await fixture.open({ clock, keep: () => rules });
    await next.recover();
    await vi.waitFor(() => expect(clock.waiting()).toBe(1));
    expect(await keptRuns()).toEqual([1]);
    const log = await next.create(meta(2), []);
    clock.ms += KEEP_EVERY_MS;
    await log.close();
    clock.ring();
    await vi.waitFor(async () => expect(await keptRuns()).toEqual([2]));
    await vi.waitFor(() => expect(clock.waiting()).toBe(1));
    await next.close();
    expect(clock.waiting()).toBe(0);
  });

  test('also one that was closed while the first look had passed it by', async () => {
    const late = await store.create(meta(1), []);
    // Cannot be read, which is told.
    await mkdir(runPaths(fixture.folder, 2).closed, { recursive: true });
    await Promise.all(Array.from({ length: 40 }, (_, at) => closedLog(10 + at)));
    let passed = (): void => undefined;
    const meets = new Promise<void>((resolve) => (passed = resolve));
    const one: LogKeeper = new LogKeeper({
      folder: fixture.folder,
      disk: realDisk,
      clock,
      // Of the log after it: it itself was still open.
      report: () => passed(),
      rules: () => rules,
      isNeeded: () => false,
    });
    const looking = one.look();
    await meets;
    await late.close();
    await one.closed(1);
    await looking;
    rules = { ...KEEP_ALL, keep_ms: 1 };
    clock.ms += DAY_MS;
    await one.look();
    await one.close();
    expect((await store.stat(1))?.deleted).toBeDefined();
  });

  test('whole, also when a life ends at any step of it', async () => {
    const steps: string[] = [];
    rules = { ...KEEP_ALL, keep_ms: 1 };
    await closedLog(1);
    clock.ms += DAY_MS;
    await look(dyingDisk(Number.POSITIVE_INFINITY, steps));
    expect(steps.length).toBeGreaterThan(4);
    const first = await readFile(runPaths(fixture.folder, 1).deleted, 'utf8');
    for (let at = 0; at < steps.length; at++) {
      rules = { ...KEEP_ALL, keep_ms: 1 };
      await closedLog(2 + at);
      clock.ms += DAY_MS;
      await look(dyingDisk(at));
      const stat = await store.stat(2 + at);
      // What was begun is finished, whatever the bounds say by then.
      rules = stat?.deleted ? KEEP_ALL : { ...KEEP_ALL, keep_ms: 1 };
      if (!stat?.deleted) expect(String(await buffer(store.bytes(2 + at, 0, 99))), steps[at]).toBe(`log ${2 + at}\n`);
      await look();
      expect((await readdir(runPaths(fixture.folder, 2 + at).folder)).sort(), steps[at]).toEqual([
        'closed.json',
        'deleted.json',
        'meta.json',
      ]);
    }
    // And is not done twice.
    expect(await readFile(runPaths(fixture.folder, 1).deleted, 'utf8')).toBe(first);
  });

  test('but not one whose record cannot be read', async () => {
    await closedLog(1);
    await writeFile(runPaths(fixture.folder, 1).closed, '{');
    rules = { ...KEEP_ALL, keep_ms: 1 };
    clock.ms += DAY_MS;
    await look();
    expect(String(await fixture.file(1))).toBe('log 1\n');
  });
});

describe('logs are compressed', () => {
  const big = Buffer.alloc(100_000, 'abc\n');

  test('an hour after they were closed, when the config says so and it is worth it', async () => {
    rules = { ...KEEP_ALL, compress: true };
    await closedLog(1, big);
    await closedLog(2);
    clock.ms += COMPRESS_AFTER_MS - 1;
    await look();
    expect((await store.source(1))?.type).toBe('plain');
    clock.ms += 1;
    rules = KEEP_ALL;
    await look();
    expect((await store.source(1))?.type).toBe('plain');
    rules = { ...KEEP_ALL, compress: true };
    await look();
    expect([(await store.source(1))?.type, (await store.source(2))?.type]).toEqual(['frames', 'plain']);
    expect((await buffer(store.bytes(1, 0, 1e9))).equals(big)).toBe(true);
    expect(await verifyRunLogs(fixture.folder)).toEqual({ logs: 2, bytes: 100_006, problems: [] });
  });

  test('one whose last step fails is not lost: what is left of it is not removed', async () => {
    rules = { ...KEEP_ALL, compress: true };
    await closedLog(1, big);
    clock.ms += COMPRESS_AFTER_MS;
    let fails = true;
    const disk: Disk = {
      ...realDisk,
      async syncFolder(path) {
        if (fails && !(await isThere(runPaths(fixture.folder, 1).log))) throw new Error('too many open files');
        await realDisk.syncFolder(path);
      },
    };
    const one = keeper(disk);
    await one.look();
    expect(fixture.reports).toEqual(['the log of run 1 could not be compressed; it stays as it is']);
    fails = false;
    for (const _ of [1, 2]) {
      clock.ms += COMPRESS_AGAIN_MS;
      await one.look();
    }
    await one.close();
    // Nor by a life that knows nothing of it.
    const closed = ClosedRecord.parse(JSON.parse(await readFile(runPaths(fixture.folder, 1).closed, 'utf8')));
    const again = compressLog(1, runPaths(fixture.folder, 1), closed, { disk: realDisk, goOn: () => undefined });
    await expect(again).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await buffer(store.bytes(1, 0, 1e9))).equals(big)).toBe(true);
    expect(fixture.reports).toHaveLength(1);
  });

  test('one for which there is no room takes none, and is tried again after a day', async () => {
    rules = { ...KEEP_ALL, compress: true };
    await closedLog(1, big);
    clock.ms += COMPRESS_AFTER_MS;
    let full = true;
    const paths = runPaths(fixture.folder, 1);
    const one = keeper(
      faultyDisk((path) => {
        if (full && path === paths.compressed) throw noSpace();
      }),
    );
    const before = await readdir(paths.folder);
    await one.look();
    expect(await readdir(paths.folder)).toEqual(before);
    full = false;
    clock.ms += COMPRESS_AGAIN_MS - 1;
    await one.look();
    expect([(await store.source(1))?.type, fixture.reports.length]).toEqual(['plain', 1]);
    clock.ms += 1;
    await one.look();
    await one.close();
    expect((await store.source(1))?.type).toBe('frames');
  });

  test('one that was damaged is said so by verify, and so is one whose frames are', async () => {
    rules = { ...KEEP_ALL, compress: true };
    await closedLog(1, big);
    clock.ms += COMPRESS_AFTER_MS;
    await look();
    const { compressed, frames } = runPaths(fixture.folder, 1);
    const file = await readFile(compressed);
    await writeFile(compressed, file.fill(0, 20, 24));
    expect((await verifyRunLogs(fixture.folder)).problems).toEqual([expect.stringContaining('The log of run 1 is damaged')]);
    await rm(frames);
    expect((await verifyRunLogs(fixture.folder)).problems).toEqual(['The log of run 1 is gone.']);
  });

  test('a deleted one is whole in the eyes of verify', async () => {
    await closedLog(1);
    rules = { ...KEEP_ALL, keep_ms: 1 };
    clock.ms += DAY_MS;
    await look();
    expect(await verifyRunLogs(fixture.folder)).toEqual({ logs: 0, bytes: 0, problems: [] });
  });

  test('and what is on the disk counts: compressing makes room', async () => {
    rules = { ...KEEP_ALL, compress: true };
    await closedLog(1, big);
    clock.ms += COMPRESS_AFTER_MS;
    const one = keeper();
    await one.look();
    rules = { ...KEEP_ALL, keep_bytes: 50_000 };
    await one.look();
    expect(await keptRuns()).toEqual([1]);
    await one.close();
  });
});

test('a stat says until when and why', async () => {
  rules = { ...KEEP_ALL, keep_ms: 30 * DAY_MS };
  await closedLog(1);
  expect(await store.stat(1)).toMatchObject({ kept_until: clock.ms + 30 * DAY_MS, kept_why: 'Kept for 30 days.' });
  await store.create(meta(2), []);
  expect(await store.stat(2)).toMatchObject({ kept_until: null, kept_why: 'Kept for 30 days.' });
});

test.each([
  [{}, 'Kept for good.'],
  [{ keep_ms: DAY_MS }, 'Kept for 1 day.'],
  [{ keep_runs: 10_000 }, 'Kept until there are more than 10,000 logs (now 12); the oldest go first.'],
  [
    { keep_ms: 90 * DAY_MS, keep_runs: 5, keep_bytes: 20e9 },
    'Kept for 90 days; sooner deleted, the oldest first, when there are more than 5 logs (now 12) or they take more than 20 GB (now 3.14 GB).',
  ],
])('%j is said as it is', (bounds, said) => {
  expect(keptWhy({ ...KEEP_ALL, ...bounds }, { runs: 12, bytes: 3_141_592_653 })).toBe(said);
});

test('within all bounds nothing is beyond', () => {
  expect(beyond(KEEP_ALL, 0, { runs: 1e9, bytes: 1e15 }, 1e15)).toBeNull();
  expect(beyond({ ...KEEP_ALL, keep_runs: 3, keep_bytes: 10 }, 0, { runs: 3, bytes: 10 }, 1e15)).toBeNull();
});
