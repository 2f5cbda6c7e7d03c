import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandom } from '../uuid.ts';
import { eventLogContract } from './contract.ts';
import { aCommit, appendEach, appendSizes, failsWith } from './contract_words.ts';
import type { EventLog } from './port.ts';
import { GENESIS_HASH, seal } from './row.ts';
import { openSqliteEventLog } from './sqlite.ts';

let folder: string;
const children = new Set<ChildProcess>();
const logs = new Set<EventLog>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-eventlog-'));
});
afterEach(async () => {
  for (const child of children) await killed(child);
  children.clear();
  for (const log of logs) await log.close();
  logs.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<EventLog> {
  const log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
  logs.add(log);
  return log;
}

/** Runs `use` on the closed database, as a person with a sqlite3 shell would. */
function tamper(sql: string): void {
  const db = new DatabaseSync(join(folder, 'events.db'));
  db.exec(sql);
  db.close();
}

/** Another process that opens the log, appends `commits` one by one, says so, and stays. */
async function otherServer(commits = 0): Promise<{ child: ChildProcess; said: string }> {
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const source = `
    import { openSqliteEventLog } from ${at('./sqlite.ts')};
    import { systemClock } from ${at('../clock.ts')};
    import { systemRandom } from ${at('../uuid.ts')};
    const envelope = (seq_no) => ({ seq_no, id: 'id-' + seq_no, at: '2026-11-14T02:03:11.004Z', project: 'hello', kind: 'backup_fetched', source: 'db', byte_size: 1 });
    try {
      const log = await openSqliteEventLog({ folder: ${JSON.stringify(folder)}, clock: systemClock, random: systemRandom });
      for (let n = 1; n <= ${commits}; n++) await log.append([{ first_seq: n, envelopes: [envelope(n)] }], { expect_head: n - 1 });
      process.stdout.write('opened\\n');
      setInterval(() => {}, 1_000);
    } catch (error) {
      process.stdout.write(error.code + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: line.toString().trim() };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the event log in SQLite', () => {
  eventLogContract(open);
});

describe('reopening', () => {
  test('keeps commits, positions and epoch', async () => {
    const before = await open();
    await before.append([aCommit(1, 2, { key: 'k', body_hash: 'ab', answer: { status: 'applied', seq_no: 1 } }), aCommit(3)], {
      expect_head: 0,
    });
    await before.ack('c', 2);
    const [commits, bounds] = [await before.readCommits(0, 10), before.bounds()];
    await before.close();
    const after = await open();
    expect(after.bounds()).toEqual(bounds);
    expect(await after.readCommits(0, 10)).toEqual(commits);
    expect(after.lost).toBeNull();
    expect((await (await after.subscribe('c', { from: 'last_acknowledged' })).next()).first_seq).toBe(3);
    await appendSizes(after, 1);
    expect(after.lastSeqNo()).toBe(4);
  });

  test('after kill -9 has everything that was acknowledged', async () => {
    const { child } = await otherServer(20);
    await killed(child);
    const log = await open();
    expect(log.lastSeqNo()).toBe(20);
    expect(log.lost).toBeNull();
  });
});

describe('one server per folder', () => {
  test('another process is refused while this one has it open, and let in after close', async () => {
    const log = await open();
    expect((await otherServer()).said).toBe('locked');
    await log.close();
    expect((await otherServer()).said).toBe('opened');
  });

  test('a second open in this process is refused and harms nothing', async () => {
    const log = await open();
    await expect(open()).rejects.toEqual(failsWith('locked'));
    await appendSizes(log, 1);
    expect((await otherServer()).said).toBe('locked');
  });

  test('nor when somebody removed the lock file meanwhile', async () => {
    await open();
    rmSync(join(folder, 'lock.db'));
    await expect(open()).rejects.toEqual(failsWith('locked'));
  });

  test('kill -9 frees the folder', async () => {
    const { child, said } = await otherServer();
    expect(said).toBe('opened');
    await expect(open()).rejects.toEqual(failsWith('locked'));
    await killed(child);
    await open();
  });

  test('a folder that cannot be made is unwritable', async () => {
    writeFileSync(join(folder, 'file'), '');
    folder = join(folder, 'file', 'data');
    await expect(open()).rejects.toEqual(failsWith('unwritable'));
    folder = join(folder, '..', '..');
  });
});

describe('lost history', () => {
  /** Ten commits in the WAL of a process that was killed; the second half is cut off. */
  async function cutWal(): Promise<void> {
    const { child } = await otherServer(10);
    await killed(child);
    const wal = join(folder, 'events.db-wal');
    truncateSync(wal, Math.floor(statSync(wal).size / 2));
  }

  test('a WAL that lost its tail behind the anchor begins a new epoch and says what is gone', async () => {
    await cutWal();
    const log = await open();
    const { head, epoch } = log.bounds();
    expect(head).toBeLessThan(10);
    expect(log.lost).toEqual({ from: head + 1, to: 10, why: 'the event log ended before the last event it had acknowledged' });
    expect(epoch).toMatch(/^2-/);
  });

  test('a database that was put back from before is noticed as well', async () => {
    const first = await open();
    await appendSizes(first, 1, 1);
    await first.close();
    const old = readFileSync(join(folder, 'events.db'));
    const second = await open();
    await appendSizes(second, 1, 1);
    await second.ack('c', 4);
    await second.close();
    writeFileSync(join(folder, 'events.db'), old);
    const log = await open();
    expect(log.bounds()).toMatchObject({ head: 2, epoch: expect.stringMatching(/^2-/) as unknown });
    expect(log.lost).toMatchObject({ from: 3, to: 4 });
  });

  test('is told at every open until a history_gap is stored; the epoch is then the same', async () => {
    await cutWal();
    const first = await open();
    const { lost } = first;
    const { epoch, head } = first.bounds();
    await appendSizes(first, 1);
    await first.close();
    const second = await open();
    expect(second.lost).toEqual(lost);
    expect(second.bounds().epoch).toBe(epoch);
    const gap = { ...aCommit(head + 2).envelopes[0]!, kind: 'history_gap', ...lost };
    await second.append([{ first_seq: head + 2, envelopes: [gap] }], { expect_head: head + 1 });
    expect(second.lost).toBeNull();
    await second.close();
    const third = await open();
    expect(third.lost).toBeNull();
    expect(third.bounds().epoch).toBe(epoch);
  });

  test.each([0, 4096, 8192])('a torn write to the anchor (slot at byte %d) does not bring back the history that is gone', async (slot) => {
    await cutWal();
    const first = await open();
    await first.close();
    const anchor = readFileSync(join(folder, 'anchor'));
    anchor.fill('x', slot, slot + 100);
    writeFileSync(join(folder, 'anchor'), anchor);
    const second = await open();
    expect(second.bounds()).toEqual(first.bounds());
    expect(second.lost).toEqual(first.lost);
  });

  test('a copy from before a loss is another history, though it has all that the anchor knows', async () => {
    const first = await open();
    await appendEach(first, 1, 1);
    await first.close();
    const old = readFileSync(join(folder, 'events.db'));
    tamper('DELETE FROM commit_rows WHERE first_seq = 2');
    const second = await open();
    expect(second.bounds()).toMatchObject({ head: 1, epoch: expect.stringMatching(/^2-/) as unknown });
    await second.close();
    writeFileSync(join(folder, 'events.db'), old);
    const third = await open();
    expect(third.bounds()).toMatchObject({ head: 2, epoch: expect.stringMatching(/^3-/) as unknown });
    expect(third.lost?.why).toContain('older copy');
  });

  test('a consumer ahead of what is left does not miss the events that get those numbers next', async () => {
    const first = await open();
    await appendEach(first, 1, 1, 1, 1);
    await first.ack('c', 4);
    await first.close();
    tamper('DELETE FROM commit_rows WHERE first_seq > 2');
    const log = await open();
    await appendSizes(log, 1);
    expect((await (await log.subscribe('c', { from: 'last_acknowledged' })).next()).first_seq).toBe(3);
  });

  test('another history at the anchor is lost history', async () => {
    const first = await open();
    await appendEach(first, 1, 1);
    await first.close();
    tamper(`UPDATE commit_rows SET hash = '${'a'.repeat(64)}' WHERE first_seq = 2`);
    const log = await open();
    expect(log.lost).toMatchObject({ to: 2, why: expect.stringContaining('another history') as unknown });
    expect(log.bounds().epoch).toMatch(/^2-/);
  });

  test.each(['missing', 'damaged'])('with a %s anchor nothing can be vouched for: a new epoch', async (how) => {
    const first = await open();
    await appendSizes(first, 1, 1);
    await first.close();
    const anchor = join(folder, 'anchor');
    if (how === 'missing') rmSync(anchor);
    else writeFileSync(anchor, Buffer.alloc(8192, 'x'));
    const log = await open();
    expect(log.bounds()).toMatchObject({ head: 2, epoch: expect.stringMatching(/^2-/) as unknown });
    expect(log.lost?.why).toContain('anchor');
  });

  test('an anchor that only trails is no loss', async () => {
    const first = await open();
    await appendSizes(first, 1, 1);
    await first.close();
    const anchor = readFileSync(join(folder, 'anchor'));
    const second = await open();
    await appendSizes(second, 1, 1);
    await second.close();
    writeFileSync(join(folder, 'anchor'), anchor);
    const third = await open();
    expect(third.lost).toBeNull();
    expect(third.bounds()).toEqual(second.bounds());
    await third.close();
    expect(readFileSync(join(folder, 'anchor')).includes(' 4 ')).toBe(true);
  });

  test('the whole database gone is a loss from the first event on', async () => {
    const first = await open();
    await appendSizes(first, 2, 1);
    await first.close();
    rmSync(join(folder, 'events.db'));
    const log = await open();
    expect(log.bounds()).toMatchObject({ head: 0, epoch: expect.stringMatching(/^2-/) as unknown });
    expect(log.lost).toMatchObject({ from: 1, to: 3 });
  });
});

describe('damage', () => {
  beforeEach(async () => {
    const log = await open();
    await appendEach(log, 1, 2, 1);
    await log.close();
  });

  test.each([
    ['a changed event', "UPDATE commit_rows SET commits = replace(commits, 's1', 's2') WHERE first_seq = 1"],
    ['an added answer', "UPDATE commit_rows SET commits = replace(commits, '}]}]', '}],\"answer\":{}}]') WHERE first_seq = 1"],
    ['a changed version', 'UPDATE commit_rows SET v = 0 WHERE first_seq = 1'],
    ['a changed end', 'UPDATE commit_rows SET last_seq = 4 WHERE first_seq = 2'],
    ['a removed row', 'DELETE FROM commit_rows WHERE first_seq = 2'],
    ['a removed first row', 'DELETE FROM commit_rows WHERE first_seq = 1'],
    ['a recomputed hash', `UPDATE commit_rows SET hash = '${'b'.repeat(64)}' WHERE first_seq = 2`],
  ])('%s is noticed when it is read, and writing stops', async (_, sql) => {
    tamper(sql);
    const log = await open();
    await expect(log.readCommits(0, 10)).rejects.toEqual(failsWith('broken'));
    await expect(log.read(0, 10)).rejects.toEqual(failsWith('broken'));
    await expect((await log.subscribe('c', { from: 'beginning' })).next()).rejects.toEqual(failsWith('broken'));
    await expect(appendSizes(log, 1)).rejects.toEqual(failsWith('broken'));
  });

  test('a file that is no database is refused, and the folder is free again', async () => {
    writeFileSync(join(folder, 'events.db'), 'not a database. '.repeat(500));
    await expect(open()).rejects.toEqual(failsWith('broken'));
    rmSync(join(folder, 'events.db'));
    await open();
  });

  test('a row that was sealed anew does not fit the one after it', async () => {
    const [row] = seal([{ ...aCommit(1), key: 'forged' }], { last_seq: 0, hash: GENESIS_HASH });
    tamper(`UPDATE commit_rows SET commits = replace(commits, '}]}]', '}],"key":"forged"}]'), hash = '${row?.hash}' WHERE first_seq = 1`);
    const log = await open();
    expect((await log.read(0, 1)).envelopes).toHaveLength(1);
    await expect(log.readCommits(0, 10)).rejects.toEqual(failsWith('broken'));
  });

  test('a missing commit is named', async () => {
    tamper('DELETE FROM commit_rows WHERE first_seq = 2');
    await expect((await open()).readCommits(0, 10)).rejects.toThrow('the commit after event 1 is missing');
  });

  test('overwritten pages are noticed', async () => {
    const file = join(folder, 'events.db');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    const use = async (): Promise<unknown> => (await open()).readCommits(0, 10);
    await expect(use()).rejects.toEqual(failsWith('broken'));
  });

  test('a database of a later Signalbox is refused', async () => {
    tamper('PRAGMA user_version = 99');
    await expect(open()).rejects.toEqual(failsWith('broken'));
  });
});

test('a trimmed log goes on from its floor', async () => {
  const first = await open();
  await appendEach(first, 1, 2, 1);
  await first.close();
  tamper(
    'UPDATE floor SET last_seq = 3, hash = (SELECT hash FROM commit_rows WHERE first_seq = 2); DELETE FROM commit_rows WHERE first_seq <= 2',
  );
  const log = await open();
  expect(log.bounds()).toMatchObject({ floor: 3, head: 4 });
  expect((await log.readCommits(3, 10)).map(({ first_seq }) => first_seq)).toEqual([4]);
  await expect(log.read(2, 10)).rejects.toEqual(failsWith('below_floor'));
});
