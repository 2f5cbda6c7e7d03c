import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { copyRunLogs } from './copy_logs.ts';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { faultyDisk, meta, noSpace, openFixture, readAll, sha256 } from './log_store_fixture.ts';
import { ClosedRecord, readRecord } from './records.ts';

const TEXT = 'one\ntwo €\n\u001b[31mthree';
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

/** As the version before wrote it: chunks that end at bytes 4 and 12, no index, a record without lines and times. */
async function old(run_id: number, closed = true): Promise<void> {
  const store = await fixture.open();
  const log = await store.create(meta(run_id), []);
  log.write(Buffer.from(TEXT));
  await log.close();
  const paths = runPaths(fixture.folder, run_id);
  const ends = Buffer.alloc(3 * 8);
  for (const [at, end] of [4, 12, Buffer.byteLength(TEXT)].entries()) ends.writeBigUInt64LE(BigInt(end), at * 8);
  await writeFile(paths.chunks, ends);
  await rm(paths.index);
  const { output: _, ...record } = ClosedRecord.parse(JSON.parse(await readFile(paths.closed, 'utf8')));
  if (closed) await writeFile(paths.closed, JSON.stringify({ ...record, chunks: 3 }));
  else await Promise.all([rm(paths.closed), writeFile(paths.open_mark, '')]);
}

test('a log without an index is given one when it is first looked at, once for all who look; its times are unknown', async () => {
  await old(5);
  const store = await fixture.open();
  const [stat, lines] = await Promise.all([store.stat(5), store.lines(5, 3, 5)]);
  expect(stat).toMatchObject({
    lines: 3,
    chunks: 3,
    first_at: null,
    last_at: null,
    longest_pause_ms: 0,
    sha256: sha256(Buffer.from(TEXT)),
  });
  expect(lines).toMatchObject({ items: [{ n: 3, offset: 12, text: '\u001b[31mthree' }], times: [] });
  expect(await store.place(5, { at_ms: 0 })).toMatchObject({ n: 3, at: null });
  expect((await readAll(store, 5)).map(({ seq, offset, line, at_ms }) => [seq, offset, line, at_ms])).toEqual([
    [0, 0, 1, undefined],
    [1, 4, 2, undefined],
    [2, 12, 3, undefined],
  ]);
  expect((await readdir(runPaths(fixture.folder, 5).folder)).sort()).toEqual(['chunks', 'closed.json', 'index', 'log', 'meta.json']);
  const index = await readFile(runPaths(fixture.folder, 5).index);
  await (await fixture.open()).stat(5);
  expect(await readFile(runPaths(fixture.folder, 5).index)).toEqual(index);
});

test('one that a crash left open is completed with the chunks it had', async () => {
  await old(5, false);
  const store = await fixture.open();
  expect(await store.stat(5)).toMatchObject({ closed: false, bytes: Buffer.byteLength(TEXT), lines: 0 });
  expect(await store.chunks(5, 0, 100)).toEqual([]);
  expect(await store.lines(5, 1, 1)).toMatchObject({ items: [] });
  expect(await store.place(5, { line: 1 })).toMatchObject({ n: 1, at: null });
  await store.recover();
  expect(await store.stat(5)).toMatchObject({ closed: true, chunks: 3, lines: 3, sha256: sha256(Buffer.from(TEXT)) });
});

test('without room for the index that is said, nothing is left behind half made, and it is made when there is room', async () => {
  await old(5);
  let full = true;
  const store = await fixture.open({
    disk: faultyDisk(() => {
      if (full) throw noSpace();
    }),
  });
  await expect(store.stat(5)).rejects.toMatchObject({ code: 'storage_full' });
  expect(await readdir(runPaths(fixture.folder, 5).folder)).not.toContain('index');
  full = false;
  expect(await store.stat(5)).toMatchObject({ lines: 3 });
});

test('a copy made while it is given an index can be given one itself', async () => {
  await old(5);
  const copied: string[] = [];
  const written = vi.fn();
  await copyRunLogs(fixture.folder, '/copy', {
    async copy(from, to) {
      copied.push(to);
      // The index comes just after it was looked for.
      if (from.endsWith('/chunks')) await (await fixture.open()).stat(5);
      return !from.endsWith('/index');
    },
    write: async (path, text) => void written(path, text),
  });
  expect(copied.map((path) => path.split('/').at(-1))).toEqual(['meta.json', 'index', 'chunks', 'log', 'deleted.json']);
  expect(z.looseObject({}).parse(JSON.parse(String(written.mock.calls[0]?.[1])))).not.toHaveProperty('output');
  expect(await readRecord(ClosedRecord, runPaths(fixture.folder, 5).closed)).toHaveProperty('output');
});
