import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { systemRandom } from '../../uuid.ts';
import { aCommit, appendEach, appendSizes, failsWith } from '../contract_words.ts';
import type { EventLog } from '../port.ts';
import { GENESIS_HASH, seal } from '../row.ts';
import { openSqliteEventLog } from '../sqlite.ts';
import { verifyEventLog } from './verify.ts';

let folder: string;
let log: EventLog;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-verify-'));
  log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
  await appendEach(log, 1, 2, 1);
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is in the folder, without the memory that connections to a WAL share and a WAL in which nothing is: neither is part of the log. */
const contents = (): Record<string, string> => {
  const files = readdirSync(folder)
    .filter((name) => !name.endsWith('-shm'))
    .map((name): [string, Buffer] => [name, readFileSync(join(folder, name))])
    .filter(([name, bytes]) => !(name.endsWith('-wal') && bytes.length === 0));
  return Object.fromEntries(files.map(([name, bytes]) => [name, hash('sha256', bytes)]));
};

function tamper(sql: string): void {
  const db = new DatabaseSync(join(folder, 'events.db'));
  db.exec(sql);
  db.close();
}

describe('a whole log', () => {
  test('beside a server that has it open, changing nothing', async () => {
    const before = contents();
    const { epoch } = log.bounds();
    expect(await verifyEventLog(folder)).toEqual({ events: 4, commits: 3, rows: 3, epoch, head: 4, problems: [] });
    expect(contents()).toEqual(before);
    await appendSizes(log, 1);
  });

  test('after the server was closed', async () => {
    await log.close();
    const before = contents();
    expect((await verifyEventLog(folder)).problems).toEqual([]);
    expect(contents()).toEqual(before);
  });

  test('says how far it is, and lets others have their turn', async () => {
    for (let i = 0; i < 120; i++) await appendSizes(log, 1);
    const seen: [number, number][] = [];
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    });
    await verifyEventLog(folder, (done, total) => seen.push([done, total]));
    clearInterval(turning);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toEqual([124, 124]);
    expect(turns).toBeGreaterThan(0);
  });

  test('what a server appends meanwhile is no problem', async () => {
    for (let i = 0; i < 120; i++) await appendSizes(log, 1);
    let more = 0;
    const report = await verifyEventLog(folder, () => {
      more += 1;
      void appendSizes(log, 1);
    });
    expect(more).toBeGreaterThan(2);
    expect(report).toMatchObject({ events: 124, head: 124, problems: [] });
  });

  test('an empty one', async () => {
    await log.close();
    rmSync(join(folder, 'events.db'));
    rmSync(join(folder, 'anchor'));
    log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
    expect(await verifyEventLog(folder)).toMatchObject({ events: 0, head: 0, problems: [] });
  });
});

describe('problems', () => {
  test.each([
    ['a changed event', "UPDATE commit_rows SET commits = replace(commits, 's1', 's2') WHERE first_seq = 1", 'changed'],
    ['a hole', 'DELETE FROM commit_rows WHERE first_seq = 2', 'missing'],
    ['a removed tail', 'DELETE FROM commit_rows WHERE first_seq > 1', 'event 4 had been acknowledged'],
    ['a removed beginning', 'DELETE FROM commit_rows WHERE first_seq = 1', 'missing'],
    ['another end', `UPDATE commit_rows SET hash = '${'a'.repeat(64)}' WHERE first_seq = 4`, 'changed'],
    ['a number that is a text', 'DROP TABLE commit_rows; CREATE TABLE commit_rows (first_seq, last_seq, v, commits, hash)', 'acknowledged'],
    ['an epoch the anchor does not know', "INSERT INTO epochs VALUES (2, '2-x', '', 4, NULL, NULL, NULL, 1)", 'of epoch 1-'],
  ])('%s', async (_, sql, problem) => {
    await log.close();
    tamper(sql);
    const { problems } = await verifyEventLog(folder);
    expect(problems.join('\n')).toContain(problem);
  });

  test('events that are numbered with a hole inside a row, though the chain holds', async () => {
    await log.close();
    const one = aCommit(1, 2);
    const [row] = seal([{ ...one, envelopes: [one.envelopes[0]!, { ...one.envelopes[1]!, seq_no: 3 }] }], {
      last_seq: 0,
      hash: GENESIS_HASH,
    });
    tamper('DELETE FROM commit_rows');
    const db = new DatabaseSync(join(folder, 'events.db'));
    db.prepare('INSERT INTO commit_rows VALUES (?, ?, ?, ?, ?)').run(1, 2, row!.v, row!.commits, row!.hash);
    db.close();
    expect((await verifyEventLog(folder)).problems.join()).toContain('event 3 in the commit at 1 comes after event 1');
  });

  test('a whole other history under the old anchor', async () => {
    await log.close();
    const anchor = readFileSync(join(folder, 'anchor'));
    for (const name of ['events.db', 'anchor']) rmSync(join(folder, name));
    log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
    await appendEach(log, 2, 1, 1);
    await log.close();
    writeFileSync(join(folder, 'anchor'), anchor);
    expect((await verifyEventLog(folder)).problems.join()).toContain('another history than the anchor');
  });

  test('a missing and a damaged anchor', async () => {
    await log.close();
    writeFileSync(join(folder, 'anchor'), Buffer.alloc(9000, 'x'));
    expect((await verifyEventLog(folder)).problems).toEqual(['the anchor file is damaged']);
    rmSync(join(folder, 'anchor'));
    expect((await verifyEventLog(folder)).problems).toEqual(['the anchor file is missing']);
  });

  test('an anchor that trails is none', async () => {
    const anchor = readFileSync(join(folder, 'anchor'));
    await appendSizes(log, 1);
    await log.close();
    writeFileSync(join(folder, 'anchor'), anchor);
    expect((await verifyEventLog(folder)).problems).toEqual([]);
  });

  test('pages that were overwritten, and a file that is no database', async () => {
    await log.close();
    const file = join(folder, 'events.db');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    expect((await verifyEventLog(folder)).problems).not.toEqual([]);
    writeFileSync(file, 'not a database. '.repeat(500));
    expect((await verifyEventLog(folder)).problems.join()).toContain('not a database');
  });

  test('a page that nothing reads is found by SQLite itself', async () => {
    await log.close();
    const db = new DatabaseSync(join(folder, 'events.db'));
    db.exec('CREATE INDEX by_hash ON commit_rows (hash)');
    const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'by_hash'").get() as { rootpage: number };
    db.close();
    const bytes = readFileSync(join(folder, 'events.db'));
    bytes.fill(0xa5, (rootpage - 1) * 4096, rootpage * 4096);
    writeFileSync(join(folder, 'events.db'), bytes);
    expect((await verifyEventLog(folder)).problems.join()).toContain('SQLite says');
  });
});

test('no log, and one of a later Signalbox, are no reports', async () => {
  await log.close();
  tamper('PRAGMA user_version = 99');
  await expect(verifyEventLog(folder)).rejects.toEqual(failsWith('unwritable'));
  rmSync(join(folder, 'events.db'));
  await expect(verifyEventLog(folder)).rejects.toEqual(failsWith('unwritable'));
});
