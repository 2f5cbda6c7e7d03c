/** A log that a server of schema 1 wrote: every event of it is read, its chain holds, and new rows go on with it. */
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { systemRandom } from '../../uuid.ts';
import { aCommit, appendEach, appendSizes, failsWith, numbersOf, take } from '../contract_words.ts';
import type { Commit, EventLog } from '../port.ts';
import { openSqliteEventLog } from '../sqlite.ts';
import { verifyEventLog } from './verify.ts';

/** As that server made it, to the letter. */
const SCHEMA_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE commits (
    first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, envelopes TEXT NOT NULL,
    key TEXT, body_hash TEXT, answer TEXT,
    v INTEGER NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE floor (last_seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
  INSERT INTO floor VALUES (0, '${'0'.repeat(64)}');
  CREATE TABLE consumers (name TEXT PRIMARY KEY, seq_no INTEGER NOT NULL) STRICT;
  CREATE TABLE epochs (
    generation INTEGER PRIMARY KEY, epoch TEXT NOT NULL, began_at TEXT NOT NULL, after_seq INTEGER NOT NULL,
    lost_from INTEGER, lost_to INTEGER, why TEXT, told INTEGER NOT NULL
  ) STRICT;
  INSERT INTO epochs VALUES (1, '1-0123456789ab', '2026-11-14T02:03:11.004Z', 0, NULL, NULL, NULL, 1);
  INSERT INTO consumers VALUES ('c', 3);
  PRAGMA user_version = 1;
`;

const COMMITS: readonly Commit[] = [
  aCommit(1),
  aCommit(2, 3, { key: 'k-1', body_hash: 'ab', answer: { status: 'applied', seq_no: 2 } }),
  aCommit(5),
  aCommit(6, 2),
];

let folder: string;
let log: EventLog | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-first-form-'));
  const db = new DatabaseSync(join(folder, 'events.db'));
  db.exec(SCHEMA_1);
  const insert = db.prepare('INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  let before = '0'.repeat(64);
  for (const { first_seq, envelopes, key, body_hash, answer } of COMMITS) {
    const last_seq = first_seq + envelopes.length - 1;
    const texts = [
      JSON.stringify(envelopes),
      key ?? null,
      body_hash ?? null,
      answer === undefined ? null : JSON.stringify(answer),
    ] as const;
    const [text, k, b, a] = texts;
    const sealed = hash('sha256', before + [first_seq, last_seq, 1, k ?? '', b ?? '', a ?? '', text].join('\n'));
    insert.run(first_seq, last_seq, text, k, b, a, 1, before, sealed);
    before = sealed;
  }
  db.close();
  const anchor = `signalbox anchor 1 4 7 ${before} 1-0123456789ab `;
  writeFileSync(join(folder, 'anchor'), `${anchor}${hash('sha256', anchor)}\n`.padEnd(512));
});
afterEach(async () => {
  await log?.close();
  log = null;
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<EventLog> {
  log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
  return log;
}

test('it opens as the same history: nothing lost, same epoch, same positions, anchor believed', async () => {
  await open();
  expect(log?.bounds()).toEqual({ floor: 0, head: 7, epoch: '1-0123456789ab' });
  expect(log?.lost).toBeNull();
  expect((await log?.readCommits(0, 10))?.map(({ v: _, ...commit }) => commit)).toEqual(COMMITS);
  expect(await take(await log!.subscribe('c', { from: 'last_acknowledged' }), 1)).toEqual([2, 3, 4]);
});

test('what is appended goes on with the chain, and reads run across the border from every position', async () => {
  await open();
  await appendSizes(log!, 1, 2);
  await appendEach(log!, 3, 1);
  await log!.close();
  await open();
  const all = Array.from({ length: 14 }, (_, i) => i + 1);
  for (let after = 0; after <= 14; after++) {
    for (const limit of [1, 2, 5, 20]) {
      const { envelopes, upto } = await log!.read(after, limit);
      expect({ after, limit, seen: numbersOf(envelopes) }).toEqual({ after, limit, seen: all.slice(after, after + limit) });
      expect(upto).toBe(Math.min(after + limit, 14));
    }
    const firsts = (await log!.readCommits(after, 3)).map(({ first_seq }) => first_seq);
    expect({ after, firsts }).toEqual({ after, firsts: [1, 2, 5, 6, 8, 9, 11, 14].filter((first) => first > after).slice(0, 3) });
  }
  expect(await take(await log!.subscribe('d', { from: 'beginning' }), 8)).toEqual(all);
  expect(await verifyEventLog(folder)).toMatchObject({ events: 14, commits: 8, rows: 7, head: 14, problems: [] });
});

test('what is stored is not rewritten', async () => {
  const table = (): unknown => {
    const db = new DatabaseSync(join(folder, 'events.db'), { readOnly: true });
    const rows = db.prepare('SELECT * FROM commits').all();
    db.close();
    return rows;
  };
  const before = table();
  await open();
  await appendSizes(log!, 1);
  await log!.close();
  expect(table()).toEqual(before);
});

test('verify reads one that no server of this schema has opened yet, and leaves it as it is', async () => {
  const before = readFileSync(join(folder, 'events.db'));
  expect(await verifyEventLog(folder)).toEqual({ events: 7, commits: 4, rows: 4, epoch: '1-0123456789ab', head: 7, problems: [] });
  expect(readFileSync(join(folder, 'events.db')).equals(before)).toBe(true);
});

test.each([
  ['a changed event', "UPDATE commits SET envelopes = replace(envelopes, 's1', 's2') WHERE first_seq = 1"],
  ['a changed answer', "UPDATE commits SET answer = '{}' WHERE first_seq = 2"],
  ['a removed commit', 'DELETE FROM commits WHERE first_seq = 2'],
  ['a recomputed hash', `UPDATE commits SET prev_hash = '${'b'.repeat(64)}' WHERE first_seq = 5`],
])('%s is noticed, on reading and by verify', async (_, sql) => {
  const db = new DatabaseSync(join(folder, 'events.db'));
  db.exec(sql);
  db.close();
  await open();
  await expect(log!.readCommits(0, 10)).rejects.toEqual(failsWith('broken'));
  await expect(appendSizes(log!, 1)).rejects.toEqual(failsWith('broken'));
  expect((await verifyEventLog(folder)).problems).not.toEqual([]);
});

test('a log that lost its newest commits of schema 1 behind the anchor has lost history', async () => {
  const db = new DatabaseSync(join(folder, 'events.db'));
  db.exec('DELETE FROM commits WHERE first_seq = 6');
  db.close();
  await open();
  expect(log?.lost).toMatchObject({ from: 6, to: 7 });
  expect(log?.bounds().epoch).toMatch(/^2-/);
});
