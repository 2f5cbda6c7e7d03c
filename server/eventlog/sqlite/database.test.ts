import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failsWith } from '../contract_words.ts';
import { LogError } from '../port.ts';
import { assertSqliteFloor, makeDurable, openDatabase } from './database.ts';
import { logErrorOf } from './errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FULL = 2;

describe('durability', () => {
  test('an opened database syncs every commit, at each open', () => {
    for (let i = 0; i < 2; i++) {
      const db = openDatabase(join(folder, 'events.db'));
      expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: FULL });
      expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
      db.close();
    }
  });

  test('is set, whatever the connection came up with', () => {
    const db = new DatabaseSync(join(folder, 'events.db'));
    db.exec('PRAGMA synchronous = OFF');
    makeDurable(db);
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: FULL });
    db.close();
  });

  test('a connection that does not take it is refused', () => {
    const db = new DatabaseSync(join(folder, 'events.db'));
    db.exec('PRAGMA synchronous = NORMAL');
    vi.spyOn(db, 'exec').mockImplementation(() => undefined);
    expect(() => makeDurable(db)).toThrow(LogError);
    db.close();
  });

  test('a database that cannot have a WAL is refused', () => {
    const db = new DatabaseSync(':memory:');
    expect(() => makeDurable(db)).toThrow('WAL');
    db.close();
  });

  test.each(['3.51.2', '3.7.0', '3.50.10', '2.99.99'])('SQLite %s is too old', (version) => {
    expect(() => assertSqliteFloor(version)).toThrow(version);
  });

  test('an SQLite below the floor opens nothing', () => {
    expect(() => openDatabase(join(folder, 'events.db'), '99.0.0')).toThrow('99.0.0 or later');
  });

  test.each(['3.51.3', '3.51.10', '3.53.4', '4.0.0'])('SQLite %s will do', (version) => {
    expect(() => assertSqliteFloor(version)).not.toThrow();
  });
});

test.each([
  [13, 'full'],
  [10, 'broken'],
  [1034, 'broken'],
  [11, 'broken'],
  [779, 'broken'],
  [26, 'broken'],
  [5, 'unwritable'],
  [8, 'unwritable'],
  [14, 'unwritable'],
] as const)('SQLite result %d is %s', (errcode, code) => {
  expect(logErrorOf(Object.assign(new Error('x'), { errcode }), 'it')).toEqual(failsWith(code));
});
