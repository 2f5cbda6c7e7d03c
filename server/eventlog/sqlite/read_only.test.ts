import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openReadOnly, type Connect } from './read_only.ts';

let folder: string;
let file: string;
let writer: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-read-only-'));
  file = join(folder, 'events.db');
  writer = new DatabaseSync(file);
  writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)');
});
afterEach(() => {
  if (writer.isOpen) writer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A file system on which no file can be made. */
const onFullDisk: Connect = (path) => {
  if (typeof path === 'string') throw Object.assign(new Error('unable to open database file'), { errcode: 14 });
  return new DatabaseSync(path, { readOnly: true });
};
const seven = (db: DatabaseSync): unknown => {
  try {
    return db.prepare('SELECT n FROM t').get();
  } finally {
    db.close();
  }
};

test('reads beside a writer, and writes nothing', () => {
  const db = openReadOnly(file);
  expect(() => db.exec('DELETE FROM t')).toThrow('readonly');
  expect(seven(db)).toEqual({ n: 7 });
});

test('where no file can be made it reads what is whole in one file, and makes none', () => {
  writer.close();
  expect(seven(openReadOnly(file, onFullDisk))).toEqual({ n: 7 });
  expect(readdirSync(folder)).toEqual(['events.db']);
});

test('but not past a WAL, whose commits it would not see', () => {
  expect(() => openReadOnly(file, onFullDisk)).toThrow('unable to open');
});

test('what is damaged is not tried again', () => {
  writer.close();
  const damaged: Connect = () => {
    throw Object.assign(new Error('file is not a database'), { errcode: 26 });
  };
  expect(() => openReadOnly(file, damaged)).toThrow('not a database');
});
