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

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'logstore-'));
  const reports: string[] = [];
  const stores: LogStore[] = [];
  return {
    folder,
    reports,
    async open(over = {}) {
      const store = await openLogStore({ folder, clock: systemClock, report: (message) => void reports.push(message), ...over });
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

/** Time stands still; `ring` wakes everyone. */
export function handClock(): Clock & { ring: () => void; waiting: () => number } {
  let sleepers: (() => void)[] = [];
  return {
    now: () => 0,
    wakeAt(_at, then) {
      sleepers.push(then);
      return () => (sleepers = sleepers.filter((other) => other !== then));
    },
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

export function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
