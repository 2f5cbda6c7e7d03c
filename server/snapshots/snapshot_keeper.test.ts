import { beforeEach, expect, test, vi } from 'vitest';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import type { Snapshot } from './snapshot.ts';
import { AFTER_FAILURE_MS, SNAPSHOT_EVERY_EVENTS, SnapshotKeeper } from './snapshot_keeper.ts';

let head: number;
let now_ms: number;
let written: number[];
let reports: string[];
let write: (snapshot: Snapshot) => Promise<void>;
beforeEach(() => {
  head = 0;
  now_ms = 0;
  written = [];
  reports = [];
  write = ({ seq_no }) => Promise.resolve(void written.push(seq_no));
});

function keeperFrom(newest = 0): SnapshotKeeper {
  return new SnapshotKeeper({
    store: { write: (snapshot) => write(snapshot) },
    capture: () => ({ state: EMPTY_STATE, seq_no: head, at_ms: 0, keys: [], runs: [] }),
    newest,
    report: (message) => void reports.push(message),
    now_ms: () => now_ms,
  });
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function grow(keeper: SnapshotKeeper, by: number): Promise<void> {
  keeper.stored((head += by));
  await turn();
}

test('writes one every so many events, and the last at the end', async () => {
  const keeper = keeperFrom();
  await grow(keeper, SNAPSHOT_EVERY_EVENTS - 1);
  expect(written).toEqual([]);
  await grow(keeper, 1);
  expect(written).toEqual([SNAPSHOT_EVERY_EVENTS]);
  await grow(keeper, 7);
  await keeper.close();
  await keeper.close();
  expect(written).toEqual([SNAPSHOT_EVERY_EVENTS, SNAPSHOT_EVERY_EVENTS + 7]);
  expect(keeper.newest).toBe(SNAPSHOT_EVERY_EVENTS + 7);
  await grow(keeper, SNAPSHOT_EVERY_EVENTS);
  expect(written).toHaveLength(2);
});

test('writes none at the end when nothing has happened since', async () => {
  head = 12;
  await keeperFrom(12).close();
  expect(written).toEqual([]);
});

test('never writes two at a time, and rests in proportion to what one took', async () => {
  const slow = Promise.withResolvers<void>();
  write = ({ seq_no }) => (written.push(seq_no), slow.promise);
  const keeper = keeperFrom();
  await grow(keeper, SNAPSHOT_EVERY_EVENTS);
  await grow(keeper, SNAPSHOT_EVERY_EVENTS);
  expect(written).toHaveLength(1);
  now_ms = 100;
  slow.resolve();
  await turn();
  now_ms = 2_099;
  await grow(keeper, 1);
  expect(written).toHaveLength(1);
  now_ms = 2_100;
  await grow(keeper, 1);
  expect(written).toHaveLength(2);
});

test('a full disk is told once and left alone for a while; each try is counted', async () => {
  write = () => Promise.reject(new Error('ENOSPC'));
  const keeper = keeperFrom();
  await grow(keeper, SNAPSHOT_EVERY_EVENTS);
  for (let commit = 0; commit < 100; commit++) await grow(keeper, 1);
  expect([keeper.errors, reports.length, keeper.newest]).toEqual([1, 1, 0]);
  now_ms += AFTER_FAILURE_MS;
  await grow(keeper, 1);
  expect([keeper.errors, reports.length]).toEqual([2, 1]);
  write = vi.fn(() => Promise.resolve());
  now_ms += AFTER_FAILURE_MS;
  await grow(keeper, 1);
  expect([keeper.errors, keeper.newest]).toEqual([2, head]);
});
