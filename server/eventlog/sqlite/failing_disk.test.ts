/** What the log does when the disk fails under it. Real SQLite and a real file; only the failing call is made to fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { systemRandom } from '../../uuid.ts';
import { appendSizes, failsWith } from '../contract_words.ts';
import { SqliteEventLog } from '../sqlite.ts';
import { AnchorFile } from './anchor.ts';
import { openDatabase } from './database.ts';
import { settleEpoch } from './epoch.ts';

let folder: string;
let db: DatabaseSync;
let anchor: AnchorFile;
let log: SqliteEventLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-eventlog-'));
  db = openDatabase(join(folder, 'events.db'));
  anchor = new AnchorFile(join(folder, 'anchor'));
  log = new SqliteEventLog(db, anchor, settleEpoch(db, anchor, { clock: systemClock, random: systemRandom }), [
    () => db.close(),
    () => anchor.close(),
  ]);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

const sqliteError = (errcode: number, message: string): Error => Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });
const systemError = (code: string): Error => Object.assign(new Error(code), { code });
const IOERR_FSYNC = 1034;

function failCommit(error: Error): void {
  const exec = db.exec.bind(db);
  vi.spyOn(db, 'exec').mockImplementation((sql) => {
    if (sql === 'COMMIT') throw error;
    exec(sql);
  });
}

describe('full', () => {
  test('stores nothing, and works again when there is room', async () => {
    await appendSizes(log, 1);
    db.exec('PRAGMA max_page_count = 10');
    const tooMuch = appendSizes(log, ...Array.from({ length: 1000 }, () => 1));
    await expect(tooMuch).rejects.toEqual(failsWith('full'));
    expect(log.bounds().head).toBe(1);
    expect((await log.read(0, 10)).envelopes).toHaveLength(1);
    db.exec('PRAGMA max_page_count = 1000000');
    await appendSizes(log, 1);
    expect((await log.read(0, 10)).upto).toBe(2);
  });

  test('a subscriber sees nothing of what failed', async () => {
    const subscription = await log.subscribe('c', { from: 'beginning' });
    const next = subscription.next();
    db.exec('PRAGMA max_page_count = 10');
    await expect(appendSizes(log, ...Array.from({ length: 1000 }, () => 1))).rejects.toEqual(failsWith('full'));
    db.exec('PRAGMA max_page_count = 1000000');
    await appendSizes(log, 2);
    expect((await next).envelopes).toHaveLength(2);
  });
});

describe('broken', () => {
  test('after a failed sync every further append is refused, though the disk may say ok; reading goes on', async () => {
    await appendSizes(log, 1);
    failCommit(sqliteError(IOERR_FSYNC, 'disk I/O error'));
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    vi.restoreAllMocks();
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    await expect(log.ack('c', 1)).rejects.toEqual(failsWith('broken'));
    expect((await log.read(0, 10)).upto).toBe(1);
  });
});

describe('the anchor', () => {
  test('is written after the commit and before anybody is told', async () => {
    const order: string[] = [];
    const exec = db.exec.bind(db);
    vi.spyOn(db, 'exec').mockImplementation((sql) => {
      order.push(sql);
      exec(sql);
    });
    const write = anchor.write.bind(anchor);
    vi.spyOn(anchor, 'write').mockImplementation((value) => {
      order.push(`anchor ${value.head}`);
      write(value);
    });
    const subscription = await log.subscribe('c', { from: 'beginning' });
    const told = subscription.next().then(() => order.push('told'));
    await appendSizes(log, 1, 1);
    await told;
    expect(order).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'anchor 2', 'told']);
  });

  test('never leads: a failed commit leaves it where it was', async () => {
    await appendSizes(log, 1);
    failCommit(sqliteError(IOERR_FSYNC, 'disk I/O error'));
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    expect(anchor.anchor?.head).toBe(1);
  });

  test('that cannot be written does not undo the commit, but stops the next', async () => {
    vi.spyOn(anchor, 'write').mockImplementation(() => {
      throw systemError('EIO');
    });
    await appendSizes(log, 1);
    expect(log.bounds().head).toBe(1);
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    expect(log.bounds().head).toBe(1);
  });

  test('for which there was no room is caught up when there is', async () => {
    const write = vi.spyOn(anchor, 'write').mockImplementation(() => {
      throw systemError('ENOSPC');
    });
    await appendSizes(log, 1);
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('full'));
    write.mockRestore();
    await appendSizes(log, 1);
    expect(anchor.anchor?.head).toBe(2);
  });
});
