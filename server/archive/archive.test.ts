/** Backup and restore over a real event log, log store and release store in a temp folder. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProjectId, Sha } from '../../src/shared/protocol/ids.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { archiveParts } from '../archive.ts';
import { systemClock } from '../clock.ts';
import { openReleaseStore } from '../deploy/release_store.ts';
import type { EventLog } from '../eventlog/port.ts';
import { openSqliteEventLog } from '../eventlog/sqlite.ts';
import { openLogStore } from '../logstore/log_store.ts';
import type { LogStore } from '../logstore/port.ts';
import { systemRandom } from '../uuid.ts';
import { ArchiveError } from './archive_error.ts';
import { takeBackup, type Backup } from './backup.ts';
import { MANIFEST_NAME } from './manifest.ts';
import type { ArchiveParts } from './port.ts';
import { restoreBackup, type Restored } from './restore.ts';

let folder: string;
let data: string;
let log: EventLog;
let logs: LogStore;
const undo: (() => Promise<unknown>)[] = [];
const report = (): void => undefined;
const project = ProjectId.parse('hello');
const NOW = '2026-11-21T12:00:00.000Z';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-archive-'));
  data = join(folder, 'data');
  log = await openSqliteEventLog({ folder: data, clock: systemClock, random: systemRandom });
  logs = await openLogStore({ folder: join(data, 'logs'), clock: systemClock, report });
  undo.push(
    () => log.close(),
    () => logs.close(),
  );
  await append(3);
  const run = await logs.create({ run_id: 1, project, type: 'build' }, []);
  run.write(Buffer.from('built\n'));
  await run.close();
  const workspace = join(folder, 'workspace');
  mkdirSync(join(workspace, 'dist/empty'), { recursive: true });
  writeFileSync(join(workspace, 'dist/server.js'), 'serve();', { mode: 0o755 });
  symlinkSync('server.js', join(workspace, 'dist/main.js'));
  await openReleaseStore({ folder: join(data, 'releases'), report }).store('hello', '1.0.0', workspace, ['dist']);
});
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
  rmSync(folder, { recursive: true, force: true });
});

async function append(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const head = log.lastSeqNo() ?? 0;
    const envelope: Envelope = {
      seq_no: head + 1,
      id: `id-${head + 1}`,
      at: NOW,
      project,
      kind: 'build_aborted',
      sha_aborted: Sha.parse('a'.repeat(40)),
    };
    await log.append([{ first_seq: head + 1, envelopes: [envelope] }], { expect_head: head });
  }
}
const backup = (target = join(folder, 'backup'), parts: Partial<ArchiveParts> = {}): Promise<Backup> =>
  takeBackup({ dataDir: data, target, parts: { ...archiveParts, ...parts }, version: '0.1.0', now: NOW, tell: report });
const restore = (source = join(folder, 'backup'), into = join(folder, 'restored'), now_ms = 1_795_000_000_000): Promise<Restored> =>
  restoreBackup({ source, dataDir: into, events: archiveParts.events, now_ms, tell: report });

test('events, logs and releases come back as they were, beside the log that goes on', async () => {
  expect(await backup()).toMatchObject({ head: 3 });
  await append(2);
  await restore();
  const restored = join(folder, 'restored');
  const again = await openSqliteEventLog({ folder: restored, clock: systemClock, random: systemRandom });
  undo.push(() => again.close());
  expect((await again.read(0, 10)).envelopes).toEqual((await log.read(0, 10)).envelopes.slice(0, 3));
  const again_logs = await openLogStore({ folder: join(restored, 'logs'), clock: systemClock, report });
  undo.push(() => again_logs.close());
  expect(await again_logs.stat(1)).toEqual(await logs.stat(1));
  const release = join(restored, 'releases/hello/1.0.0/dist');
  expect(readFileSync(join(release, 'main.js'), 'utf8')).toBe('serve();');
  expect(existsSync(join(release, 'empty'))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('what is restored is another history, above every earlier generation, and says so', async () => {
  await backup();
  const [first, second] = [await restore(), await restore(undefined, join(folder, 'later'), 1_795_000_001_000)];
  const generations = [log.bounds().epoch, first.epoch, second.epoch].map((epoch) => Number.parseInt(epoch, 10));
  expect(generations).toEqual([...new Set(generations)].toSorted((a, b) => a - b));
  const again = await openSqliteEventLog({ folder: join(folder, 'restored'), clock: systemClock, random: systemRandom });
  undo.push(() => again.close());
  expect(again.bounds()).toEqual({ floor: 0, head: 3, epoch: first.epoch });
  expect(again.lost).toMatchObject({ from: 4, to: 3 });
});

test('a log that is still written is completed after the restore', async () => {
  const open = await logs.create({ run_id: 2, project, type: 'gate' }, []);
  open.write(Buffer.from('half'));
  await open.drained();
  await backup();
  await open.close();
  await restore();
  const again = await openLogStore({ folder: join(folder, 'restored/logs'), clock: systemClock, report });
  undo.push(() => again.close());
  await again.recover();
  expect(await again.stat(2)).toMatchObject({ closed: true });
});

test('a release that is pruned meanwhile is left out whole', async () => {
  const prune: ArchiveParts['releases'] = {
    copy: (from, to, into) =>
      archiveParts.releases.copy(from, to, {
        ...into,
        async copy(entry, target) {
          const copied = await into.copy(entry, target);
          if (entry.endsWith('server.js')) await openReleaseStore({ folder: from, report }).prune('hello', new Set());
          return copied;
        },
      }),
  };
  await backup(undefined, { releases: prune });
  expect(existsSync(join(folder, 'backup/releases/hello/1.0.0'))).toBe(false);
  await restore();
});

describe('refused, with nothing changed', () => {
  test('a target that holds something, or lies in the data folder', async () => {
    writeFileSync(join(folder, 'mine'), '');
    await expect(backup(folder)).rejects.toThrow(ArchiveError);
    await expect(backup(join(data, 'backup'))).rejects.toThrow('inside the data folder');
    expect(existsSync(join(data, 'backup'))).toBe(false);
  });
  test('a data folder that is none', async () => {
    await expect(
      takeBackup({ dataDir: folder, target: join(folder, 'b'), parts: archiveParts, version: '0', now: NOW, tell: report }),
    ).rejects.toThrow('not the data folder');
  });
  test('a backup that was not finished, is damaged, is not whole, or names a path outside', async () => {
    await backup();
    const source = join(folder, 'backup');
    const manifest = readFileSync(join(source, MANIFEST_NAME), 'utf8');
    const log_file = join(source, 'logs/runs/0/1/log');
    const text = readFileSync(log_file);
    appendFileSync(log_file, '!');
    await expect(restore()).rejects.toThrow('logs/runs/0/1/log is not what was written');
    rmSync(log_file);
    await expect(restore()).rejects.toThrow('logs/runs/0/1/log is missing');
    writeFileSync(log_file, text, { mode: 0o600 });
    writeFileSync(join(source, MANIFEST_NAME), manifest.replace('"logs/runs', '"../logs/runs'));
    await expect(restore()).rejects.toThrow('cannot be read');
    rmSync(join(source, MANIFEST_NAME));
    await expect(restore()).rejects.toThrow('no finished backup');
    expect(readdirSync(folder).filter((name) => name.startsWith('.restoring') || name === 'restored')).toEqual([]);
  });
  test('a data folder in use', async () => {
    await backup();
    await expect(restore(undefined, data)).rejects.toThrow('is not empty');
  });
});
