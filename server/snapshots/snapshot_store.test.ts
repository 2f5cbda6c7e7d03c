import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { memoryEventLog } from '../eventlog/memory.ts';
import type { EventLog } from '../eventlog/port.ts';
import { given } from '../pipeline/given.ts';
import { HOST, PRODUCTION, STAGING } from '../pipeline/given_line.ts';
import { RunMemory } from '../run_index.ts';
import { realDisk, type SnapshotDisk } from './disk.ts';
import type { Snapshot } from './snapshot.ts';
import { SnapshotStore } from './snapshot_store.ts';

const line = given(HOST, STAGING, PRODUCTION);
for (const release of ['a1', 'a2', 'a3']) line.toProduction(release);
const HISTORY = line.log;

let folder: string;
let reports: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'signalbox-snapshots-')), 'snapshots');
  reports = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

async function logOf(events: number, { epoch = '1-test', ids = '' } = {}): Promise<EventLog> {
  const log = memoryEventLog({ epoch });
  const envelopes = HISTORY.slice(0, events).map((each) => ({ ...each, id: `${ids}${each.id}` }));
  await log.append([{ first_seq: 1, envelopes }], { expect_head: 0 });
  return log;
}

function at(seq_no: number, keys: Snapshot['keys'] = []): Snapshot {
  const memory = new RunMemory();
  let state = EMPTY_STATE;
  for (const envelope of HISTORY.slice(0, seq_no)) memory.observe((state = fold(state, envelope)));
  return { state, seq_no, at_ms: Date.parse(state.at ?? ''), keys, runs: memory.all() };
}

const storeOver = (log: EventLog, disk: SnapshotDisk = realDisk): SnapshotStore =>
  new SnapshotStore({ folder, log, report: (message) => void reports.push(message), disk });
const path = (seq_no: number): string => join(folder, `${seq_no}.snapshot`);

/** Changes the file and puts the checksum right, as somebody who means it would. */
function forge(seq_no: number, change: (text: string) => string): void {
  const text = change(readFileSync(path(seq_no), 'utf8').replace(/\{"sha256":"\w+"\}\n$/, ''));
  writeFileSync(path(seq_no), `${text}{"sha256":"${hash('sha256', text)}"}\n`);
}

test('what was written is what is read, to the last key and run', async () => {
  const log = await logOf(60);
  const answer = { status: 'applied', seq_no: 7 } as const;
  const keys = Array.from({ length: 450 }, (_, n) => [`k${n}`, { body_hash: n % 2 === 0 ? null : 'b', answer, at_ms: n }] as const);
  const snapshot = at(60, keys);
  expect(snapshot.runs.length).toBeGreaterThan(10);
  await storeOver(log).write(snapshot);
  expect(await storeOver(log).newest()).toStrictEqual(snapshot);
  expect(reports).toEqual([]);
});

test('none is no trouble', async () => {
  expect(await storeOver(await logOf(3)).newest()).toBeNull();
  expect(reports).toEqual([]);
});

test('the newest two are kept, and nothing half-written', async () => {
  const log = await logOf(60);
  const store = storeOver(log);
  await store.write(at(10));
  writeFileSync(`${path(15)}.new`, 'broken off');
  await store.write(at(20));
  await store.write(at(30));
  expect(readdirSync(folder).toSorted()).toEqual(['20.snapshot', '30.snapshot']);
  const later = storeOver(log);
  expect((await later.newest())?.seq_no).toBe(30);
  await later.write(at(40));
  expect(readdirSync(folder).toSorted()).toEqual(['30.snapshot', '40.snapshot']);
});

describe('is not used, which is told once, when', () => {
  const next = (text: string, pattern: RegExp, version: number): string => text.replace(pattern, `$<before>${version + 1}`);
  test.each<[string, (log: EventLog) => Promise<EventLog> | EventLog, string]>([
    [
      'another fold made it',
      (log) => (forge(20, (text) => next(text, /(?<before>"fold_version":)\d+/, FOLD_VERSION)), log),
      `was made by version ${FOLD_VERSION + 1} of the fold`,
    ],
    [
      'it is of another protocol',
      (log) => (forge(20, (text) => next(text, /(?<before>"protocol":)\d+/, PROTOCOL_VERSION)), log),
      `of protocol ${PROTOCOL_VERSION + 1}`,
    ],
    [
      'it is of another format',
      (log) => (forge(20, (text) => text.replace('"format":1', '"format":2')), log),
      'of another version of Signalbox',
    ],
    [
      'a letter of it changed',
      (log) => (writeFileSync(path(20), readFileSync(path(20), 'utf8').replace('Ben', 'Bem')), log),
      'its checksum is wrong',
    ],
    ['something was added to it', (log) => (appendFileSync(path(20), '{}\n'), log), 'its checksum is wrong'],
    ['it breaks off', (log) => (writeFileSync(path(20), readFileSync(path(20)).subarray(0, 5_000)), log), 'its checksum is wrong'],
    ['it is empty', (log) => (writeFileSync(path(20), ''), log), 'is damaged'],
    ['the log is of another epoch', () => logOf(60, { epoch: '2-test' }), 'before events were lost or a backup was restored'],
    ['the log holds another event there', () => logOf(60, { ids: 'other-' }), 'is of another history'],
    ['the log ends before it', () => logOf(19), 'is of another history'],
  ])('%s', async (_, change, why) => {
    const log = await logOf(60);
    await storeOver(log).write(at(20));
    const after = await change(log);
    expect(await storeOver(after).newest()).toBeNull();
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain('the one at event 20 ');
    expect(reports[0]).toContain(why);
    expect(reports[0]).toContain('the whole history is read instead');
  });
});

test('the older one is used when the newer cannot be, and outlives it', async () => {
  const log = await logOf(60);
  const store = storeOver(log);
  await store.write(at(20));
  await store.write(at(30));
  writeFileSync(path(30), 'no snapshot');
  const later = storeOver(log);
  expect(await later.newest()).toStrictEqual(at(20));
  expect(reports).toEqual([expect.stringContaining('the one at event 20 is used instead') as string]);
  await later.write(at(40));
  expect(readdirSync(folder).toSorted()).toEqual(['20.snapshot', '40.snapshot']);
});

test('a folder that cannot be read costs time, not the start', async () => {
  writeFileSync(folder, 'a file');
  expect(await storeOver(await logOf(3)).newest()).toBeNull();
  expect(reports).toEqual([expect.stringContaining('their folder cannot be read') as string]);
});

test('a disk that fails leaves no part of a file and the earlier snapshots', async () => {
  const log = await logOf(60);
  await storeOver(log).write(at(10));
  const half = function* (pieces: Iterable<string>): Generator<string> {
    let left = 3;
    for (const piece of pieces) {
      if (left-- === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      yield piece;
    }
  };
  const store = storeOver(log, { ...realDisk, write: (where, pieces) => realDisk.write(where, half(pieces)) });
  await expect(store.write(at(20))).rejects.toThrow('ENOSPC');
  expect(readdirSync(folder)).toEqual(['10.snapshot']);
  expect((await storeOver(log).newest())?.seq_no).toBe(10);
});

test('it is never of an event the log does not hold', async () => {
  await expect(storeOver(await logOf(19)).write(at(20))).rejects.toThrow('does not hold event 20');
});
