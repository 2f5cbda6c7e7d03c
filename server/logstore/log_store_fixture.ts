/** Small vocabulary for the log store's tests: a store in a temp folder, a clock moved by hand, a disk that can be full or slow. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { Disk } from './disk.ts';
import { realDisk } from './disk.ts';
import { openLogStore } from './log_store.ts';
import type { LogStoreOptions } from './log_store.ts';
import { runPaths } from './layout.ts';
import type { LogChunk, LogMeta, LogStore } from './port.ts';

export interface Fixture {
  folder: string;
  reports: string[];
  open: (over?: Partial<LogStoreOptions>) => Promise<LogStore>;
  file: (run_id: number) => Promise<Buffer>;
  cleanUp: () => Promise<void>;
}

/** Threads that never come to anything: what is tested here is not in them, and a hundred stores need not start them. */
const IDLE: NonNullable<LogStoreOptions['workers']> = { run: () => new Promise(() => {}), close: async () => {} };

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'logstore-'));
  const reports: string[] = [];
  const stores: LogStore[] = [];
  return {
    folder,
    reports,
    async open(over = {}) {
      const store = await openLogStore({
        folder,
        clock: systemClock,
        report: (message) => void reports.push(message),
        workers: IDLE,
        ...over,
      });
      stores.push(store);
      return store;
    },
    file: (run_id) => readFile(runPaths(folder, run_id).log),
    async cleanUp() {
      await Promise.all(stores.map((store) => store.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function meta(run_id: number): LogMeta {
  return { run_id, project: 'hello', type: 'gate' };
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

export function textOf(chunks: readonly LogChunk[]): string {
  return chunks.map((chunk) => chunk.text).join('');
}

/** Everything from `offset` on, asked for in pieces. */
export async function readAll(store: LogStore, run_id: number, offset = 0, max_bytes = 100_000): Promise<LogChunk[]> {
  const all: LogChunk[] = [];
  for (let at = offset; ;) {
    const some = await store.chunks(run_id, at, max_bytes);
    const last = some.at(-1);
    if (!last) return all;
    all.push(...some);
    at = last.offset + last.bytes;
  }
}

/** Time is what it is set to; `ring` wakes everyone. */
export function handClock(): Clock & { ms: number; ring: () => void; waiting: () => number } {
  let sleepers: (() => void)[] = [];
  const sleep = (then: () => void): (() => void) => {
    sleepers.push(then);
    return () => (sleepers = sleepers.filter((other) => other !== then));
  };
  return {
    ms: 0,
    now() {
      return this.ms;
    },
    steady() {
      return this.ms;
    },
    wakeAt: (_at, then) => sleep(then),
    after: (_ms, then) => sleep(then),
    ring() {
      const woken = sleepers;
      sleepers = [];
      for (const wake of woken) wake();
    },
    waiting: () => sleepers.length,
  };
}

/** A disk whose writes do what `before` says; a write that fails leaves half of its bytes behind, as a full disk does. */
export function faultyDisk(before: (path: string) => void | Promise<void>): Disk {
  return {
    ...realDisk,
    async create(path) {
      const file = await realDisk.create(path);
      return {
        ...file,
        async write(data, position) {
          try {
            await before(path);
          } catch (error) {
            await file.write(data.subarray(0, Math.ceil(data.length / 2)), position);
            throw error;
          }
          await file.write(data, position);
        },
      };
    },
  };
}

/** A disk whose power goes at step `last`: that and everything after it fails, half of what was to be written is there. @param steps told of each. */
export function dyingDisk(last: number, steps: string[] = []): Disk {
  let step = 0;
  const live = (what: string): void => {
    steps.push(what);
    if (step++ >= last) throw new Error('the power is gone');
  };
  return {
    async create(path) {
      live(`create ${path}`);
      const file = await realDisk.create(path);
      return {
        async write(data, position) {
          try {
            live(`write ${path}`);
          } catch (error) {
            await file.write(data.subarray(0, data.length >> 1), position);
            throw error;
          }
          await file.write(data, position);
        },
        async truncate(length) {
          live(`truncate ${path}`);
          await file.truncate(length);
        },
        async sync() {
          live(`sync ${path}`);
          await file.sync();
        },
        close: () => file.close(),
      };
    },
    async remove(path) {
      live(`remove ${path}`);
      await realDisk.remove(path);
    },
    async syncFolder(path) {
      live(`sync ${path}`);
      await realDisk.syncFolder(path);
    },
  };
}

export function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
