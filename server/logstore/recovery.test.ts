import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PLAIN_PACKED } from '../../src/shared/output/packed_style.ts';
import { ENTRY_BYTES, packEntries } from './log_index.ts';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { handClock, meta, openFixture, readAll, sha256, textOf } from './log_store_fixture.ts';
import type { LogChunk } from './port.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

/** An index whose chunks end there; the rest of it is nonsense. */
function entries(ends: readonly number[]): Buffer {
  return packEntries(ends.map((end) => ({ end, feeds: end + 1, at_ms: -end, style: [1, 2, 3] })));
}

/** A log of several chunks whose server is gone: nobody closes it. */
async function abandoned(run_id: number, texts: readonly string[]): Promise<LogChunk[]> {
  const clock = handClock();
  const store = await fixture.open({ clock });
  const log = await store.create(meta(run_id), []);
  for (const [at, text] of texts.entries()) {
    log.write(Buffer.from(text));
    clock.ring();
    await vi.waitFor(async () => expect((await store.stat(run_id))?.chunks).toBe(at + 1));
  }
  return await readAll(store, run_id);
}

async function recovered(run_id: number): Promise<LogChunk[]> {
  const store = await fixture.open();
  expect(await store.stat(run_id)).toMatchObject({ closed: false });
  await store.recover();
  const file = await fixture.file(run_id);
  const chunks = await readAll(store, run_id);
  expect(await store.stat(run_id)).toMatchObject({ closed: true, bytes: file.length, chunks: chunks.length, sha256: sha256(file) });
  expect(textOf(chunks)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(file));
  expect(await readdir(join(fixture.folder, 'open'))).toEqual([]);
  return chunks;
}

test('a log left open is closed with the chunks it had', async () => {
  const before = await abandoned(5, ['one\n', 'two €\n', 'three\n']);
  expect(await recovered(5)).toEqual(before);
});

test('bytes that no index entry covers become chunks, after those that were there', async () => {
  const before = await abandoned(5, ['one\n', 'two\n']);
  await appendFile(runPaths(fixture.folder, 5).log, `${'€'.repeat(50_000)}\u{1f6a6}`.slice(0, -1));
  const after = await recovered(5);
  expect(after.slice(0, 2)).toEqual(before);
  expect(after.length).toBe(5);
});

test('a rest of many megabytes is cut between characters too', async () => {
  await abandoned(5, ['one\n']);
  await appendFile(runPaths(fixture.folder, 5).log, '€'.repeat(800_000));
  expect((await recovered(5)).length).toBeGreaterThan(30);
});

test('of many short chunks each is as it was', async () => {
  await abandoned(5, ['one\n']);
  const { index, log } = runPaths(fixture.folder, 5);
  const line = `${'€'.repeat(99)}\n`;
  const bytes = Buffer.byteLength(line);
  const cuts = Array.from({ length: 4_500 }, (_, at) => ({ end: (at + 1) * bytes, feeds: at + 1, at_ms: at, style: PLAIN_PACKED }));
  await writeFile(log, line.repeat(cuts.length));
  await writeFile(index, packEntries(cuts));
  const chunks = await recovered(5);
  expect(chunks).toEqual(
    cuts.map(({ feeds, at_ms }) => ({ run_id: 5, seq: feeds - 1, offset: (feeds - 1) * bytes, bytes, text: line, line: feeds, at_ms })),
  );
  expect(await readFile(index)).toEqual(packEntries(cuts));
});

test('an index that is missing is made anew', async () => {
  await abandoned(5, ['one\n', 'two\n']);
  await rm(runPaths(fixture.folder, 5).index);
  const [chunk] = await recovered(5);
  expect(chunk).toEqual({ run_id: 5, seq: 0, offset: 0, bytes: 8, text: 'one\ntwo\n', line: 1 });
});

test('entries beyond the file, going backwards or torn are dropped', async () => {
  const before = await abandoned(5, ['one\n', 'two\n']);
  const { index, log } = runPaths(fixture.folder, 5);
  await writeFile(index, Buffer.concat([entries([4, 3, 8]), Buffer.alloc(3)]));
  expect((await recovered(5)).map(({ at_ms: _, ...chunk }) => chunk)).toEqual(before.map(({ at_ms: _, ...chunk }) => chunk));

  await abandoned(6, ['one\n', 'two\n', 'three\n']);
  await truncate(runPaths(fixture.folder, 6).log, 6);
  expect(await recovered(6)).toMatchObject([{ text: 'one\n' }, { text: 'tw' }]);
  expect((await readFile(runPaths(fixture.folder, 6).index)).length).toBe(2 * ENTRY_BYTES);
  expect(String(await readFile(log))).toBe('one\ntwo\n');
});

test('of an index that cannot be true no chunk is longer than one may be, and no time earlier than the one before', async () => {
  await abandoned(5, ['one\n', 'two\n', 'three\n']);
  const style = [-1, -1, 0] as const;
  const { index, log } = runPaths(fixture.folder, 5);
  const cut = (end: number, at_ms: number): Buffer => packEntries([{ end, feeds: 0, at_ms, style: [...style] }]);
  await writeFile(log, 'x'.repeat(200_000));
  await writeFile(index, Buffer.concat([cut(4, 50), cut(8, 20), cut(12, Infinity), cut(150_000, 60)]));
  const chunks = await recovered(5);
  expect(chunks.slice(0, 4).map(({ offset, at_ms }) => [offset, at_ms])).toEqual([0, 4, 8, 12].map((offset) => [offset, 50]));
  expect(Math.max(...chunks.map(({ bytes }) => bytes))).toBe(65_536);
});

test('any file and any index come out whole', async () => {
  const byte = fc.constantFrom(0x41, 0x0a, 0x80, 0xa0, 0xc2, 0xe2, 0xef, 0xf0, 0xf4, 0xff);
  let run_id = 0;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.array(byte, { maxLength: 40 }), async (index, log) => {
      const paths = runPaths(fixture.folder, ++run_id);
      const store = await fixture.open();
      await store.create(meta(run_id), []);
      await writeFile(paths.log, Buffer.from(log));
      // Small numbers, so that some entries are right by chance.
      await writeFile(paths.index, Buffer.concat([...index].map((end) => entries([end % 48])).concat(Buffer.alloc(index.length % 32))));
      const next = await fixture.open();
      await next.recover();
      const chunks = await readAll(next, run_id);
      const ends = chunks.map((chunk) => chunk.offset + chunk.bytes);
      expect(chunks.map((chunk) => chunk.offset)).toEqual([0, ...ends].slice(0, -1).slice(0, chunks.length));
      expect(ends.at(-1) ?? 0).toBe(log.length);
      const lines = String.fromCharCode(...log).split('\n');
      const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
      expect(await next.stat(run_id)).toMatchObject({ closed: true, bytes: log.length, chunks: chunks.length, lines: count });
      expect((await next.lines(run_id, 1, 100))?.items.map(({ bytes }) => bytes)).toEqual(
        lines.slice(0, count).map(({ length }) => length),
      );
    }),
    { numRuns: 40 },
  );
});

test('a torn record of the end is written anew; a record with its mark left is just unmarked', async () => {
  await abandoned(5, ['one\n']);
  await writeFile(runPaths(fixture.folder, 5).closed, '{"bytes":4,"ch');
  await recovered(5);

  const before = await readFile(runPaths(fixture.folder, 5).closed, 'utf8');
  await writeFile(runPaths(fixture.folder, 5).open_mark, '');
  const store = await fixture.open();
  await store.recover();
  expect(await readFile(runPaths(fixture.folder, 5).closed, 'utf8')).toBe(before);
  expect(await readdir(join(fixture.folder, 'open'))).toEqual([]);
});

test('a run that ended before its log was begun is reported once and has no log; its number is not used again', async () => {
  await abandoned(5, []);
  await rm(runPaths(fixture.folder, 5).log);
  const store = await fixture.open();
  await store.recover();
  expect(await store.stat(5)).toBeNull();
  expect(fixture.reports).toHaveLength(1);
  await store.recover();
  expect(fixture.reports).toHaveLength(1);
  expect(store.highestRunId()).toBe(5);
});

test('one log that cannot be mended is reported and does not keep the others open', async () => {
  await abandoned(5, ['one\n']);
  await abandoned(6, ['two\n']);
  const { index } = runPaths(fixture.folder, 5);
  await rm(index);
  await mkdir(index);
  const store = await fixture.open();
  await store.recover();
  expect(fixture.reports).toEqual([expect.stringContaining('run 5 could not be mended')]);
  expect(await store.stat(6)).toMatchObject({ closed: true });
  expect(await store.stat(5)).toMatchObject({ closed: false, bytes: 4 });
});

test('a log that this life writes is left alone', async () => {
  const store = await fixture.open();
  const log = await store.create(meta(5), []);
  const changed = vi.fn();
  store.onChange(changed);
  await store.recover();
  expect(changed).not.toHaveBeenCalled();
  log.write(Buffer.from('goes on'));
  expect((await log.close()).bytes).toBe(7);
  expect(fixture.reports).toEqual([]);
});
