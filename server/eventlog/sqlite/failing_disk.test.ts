/** What the log does when the disk fails under it. Real SQLite and a real file; only the failing call is made to fail. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { systemRandom } from '../../uuid.ts';
import { appendEach, appendSizes, failsWith } from '../contract_words.ts';
import { SqliteEventLog } from '../sqlite.ts';
import { ANCHOR_DISK, AnchorFile, readAnchor, type AnchorDisk } from './anchor.ts';
import { openDatabase } from './database.ts';
import { settleEpoch } from './epoch.ts';

let folder: string;
let db: DatabaseSync;
let anchor: AnchorFile;
let log: SqliteEventLog;
let syncAnchor: () => void;
let disk: AnchorDisk;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-eventlog-'));
  db = openDatabase(join(folder, 'events.db'));
  disk = { ...ANCHOR_DISK };
  anchor = new AnchorFile(
    join(folder, 'anchor'),
    (_ms, then) => {
      syncAnchor = then;
      return () => undefined;
    },
    disk,
  );
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

describe('a start on a full disk', () => {
  const settle = (on: AnchorDisk): void => {
    const file = new AnchorFile(join(folder, 'anchor'), () => () => undefined, on);
    try {
      settleEpoch(db, file, { clock: systemClock, random: systemRandom });
    } finally {
      void file.close();
    }
  };
  const noRoom = (): never => {
    throw systemError('ENOSPC');
  };

  test('that finds everything in order writes nothing, so that it needs no room', async () => {
    await appendSizes(log, 1);
    settle({ ...ANCHOR_DISK, write: noRoom, sync: noRoom });
  });

  test('that would have to bring the anchor forward fails, and the next one finds the log as it was', async () => {
    await appendSizes(log, 1);
    const trailing = readFileSync(join(folder, 'anchor'));
    await appendSizes(log, 1);
    writeFileSync(join(folder, 'anchor'), trailing);
    expect(() => settle({ ...ANCHOR_DISK, write: noRoom })).toThrow('ENOSPC');
    expect(readFileSync(join(folder, 'anchor')).equals(trailing)).toBe(true);
    settle(ANCHOR_DISK);
    expect(readAnchor(join(folder, 'anchor'))).toMatchObject({ head: 2, epoch: log.bounds().epoch });
  });

  test('after a loss fails, and the next one tells of that loss', async () => {
    await appendEach(log, 1, 1);
    db.exec('DELETE FROM commit_rows WHERE first_seq = 2');
    expect(() => settle({ ...ANCHOR_DISK, write: noRoom })).toThrow('ENOSPC');
    const file = new AnchorFile(join(folder, 'anchor'), () => () => undefined);
    expect(settleEpoch(db, file, { clock: systemClock, random: systemRandom }).lost).toMatchObject({ from: 2, to: 2 });
    await file.close();
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
    disk.write = () => {
      throw systemError('EIO');
    };
    await appendSizes(log, 1);
    expect(log.bounds().head).toBe(1);
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    expect(log.bounds().head).toBe(1);
  });

  test('for which there was no room is caught up when there is', async () => {
    disk.write = () => {
      throw systemError('ENOSPC');
    };
    await appendSizes(log, 1);
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('full'));
    Object.assign(disk, ANCHOR_DISK);
    await appendSizes(log, 1);
    expect(anchor.anchor?.head).toBe(2);
  });

  test('is not waited for: an append syncs the database only', async () => {
    const sync = vi.spyOn(disk, 'sync');
    await appendEach(log, 1, 1, 1);
    expect(sync).not.toHaveBeenCalled();
    expect(readAnchor(join(folder, 'anchor'))?.head).toBe(3);
  });

  test('whose sync in the background failed stops the next append for good: a later sync that succeeds proves nothing', async () => {
    disk.syncInBackground = (_fd, done) => done(systemError('EIO'));
    await appendSizes(log, 1);
    syncAnchor();
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    Object.assign(disk, ANCHOR_DISK);
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
    expect(log.bounds().head).toBe(1);
    await expect(log.close()).rejects.toEqual(failsWith('broken'));
  });

  test('whose sync in the background met a full disk is tried again, and nothing is stored before it succeeds', async () => {
    disk.syncInBackground = (_fd, done) => done(systemError('ENOSPC'));
    disk.sync = () => {
      throw systemError('ENOSPC');
    };
    await appendSizes(log, 1);
    syncAnchor();
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('full'));
    expect(log.bounds().head).toBe(1);
    Object.assign(disk, ANCHOR_DISK);
    await appendSizes(log, 1);
    expect(log.bounds().head).toBe(2);
  });
});
