import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Disk } from './disk.ts';
import { LogFile } from './log_file.ts';
import { ENTRY_BYTES } from './log_index.ts';
import type { Fixture } from './log_store_fixture.ts';
import { faultyDisk, handClock, meta, noSpace, openFixture, readAll, sha256, textOf } from './log_store_fixture.ts';

let fixture: Fixture;
let full: (path: string) => boolean;
beforeEach(async () => {
  fixture = await openFixture();
  full = () => false;
});
afterEach(() => fixture.cleanUp());

const disk = faultyDisk((path) => {
  if (full(path)) throw noSpace();
});

test('a log that cannot be begun is a failure, leaves nothing behind, and can be begun later', async () => {
  const store = await fixture.open({ disk });
  full = () => true;
  await expect(store.create(meta(1), [])).rejects.toMatchObject({ name: 'Failure', code: 'storage_full' });
  full = () => false;
  expect(await store.stat(1)).toBeNull();
  const log = await store.create(meta(1), []);
  log.write(Buffer.from('x'));
  expect((await log.close()).bytes).toBe(1);
});

test('a log that cannot be begun leaves no file open', async () => {
  const opened: string[] = [];
  const closed: string[] = [];
  const counting: Disk = {
    ...disk,
    async create(path) {
      const file = await disk.create(path);
      opened.push(path);
      return { ...file, close: () => (closed.push(path), file.close()) };
    },
  };
  const store = await fixture.open({ disk: counting });
  full = (path) => path.endsWith('meta.json');
  await expect(store.create(meta(1), [])).rejects.toMatchObject({ code: 'storage_full' });
  expect(opened.length).toBe(4);
  expect(closed.sort()).toEqual(opened.sort());
});

test.each(['log', 'index'])('a run goes on while the disk takes no %s, and the log says what is missing', async (name) => {
  const clock = handClock();
  const store = await fixture.open({ disk, clock });
  const log = await store.create(meta(1), []);
  const flush = async (text: string, until: () => unknown): Promise<void> => {
    log.write(Buffer.from(text));
    clock.ring();
    await vi.waitFor(until);
  };
  let refused = 0;
  const refuse = (path: string): boolean => path.endsWith(name) && ++refused > 0;
  await flush('before\n', async () => expect(await store.stat(1)).toMatchObject({ bytes: 7 }));
  full = refuse;
  await flush('lost 1\n', () => expect(refused).toBe(1));
  // The flush that failed must be over before the next begins, or both are one.
  await vi.waitFor(async () => {
    clock.ring();
    log.write(Buffer.from('.'));
    expect(refused).toBe(2);
  });
  full = () => false;
  log.write(Buffer.from('after\n'));
  const closed = await log.close();

  const file = String(await fixture.file(1));
  const said = /^before\n\n— (\d+) bytes of output are missing here: ENOSPC: no space left on device, write\n([.]*)after\n$/.exec(file);
  expect(said).not.toBeNull();
  expect(Number(said?.[1])).toBe(closed.lost_bytes);
  expect(closed).toMatchObject({ bytes: Buffer.byteLength(file), sha256: sha256(Buffer.from(file)) });
  expect(textOf(await readAll(store, 1))).toBe(file);
  expect(await store.stat(1)).toMatchObject({ closed: true, lost_bytes: closed.lost_bytes, lines: 4 });
  const lines = file.slice(0, -1).split('\n');
  expect((await store.lines(1, 1, 10))?.items.map(({ text }) => text)).toEqual(lines);
  expect(fixture.reports).toEqual([expect.stringContaining('not being stored')]);
});

test('when the disk stays full, the file ends cleanly where it was and close states the loss', async () => {
  const store = await fixture.open({ disk });
  const log = await store.create(meta(1), []);
  log.write(Buffer.from('stored'));
  await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 6 }));
  full = (path) => /(log|index)$/.test(path);
  log.write(Buffer.from('lost for good'));
  expect(await log.close()).toEqual({ bytes: 6, sha256: sha256(Buffer.from('stored')), lost_bytes: 13 });
  expect(String(await fixture.file(1))).toBe('stored');
  expect(await readAll(await fixture.open(), 1)).toMatchObject([{ text: 'stored' }]);
});

test('a log whose end cannot be put on record is closed all the same, said so, and mended at the next start', async () => {
  const store = await fixture.open({ disk });
  const log = await store.create(meta(1), []);
  log.write(Buffer.from('stored'));
  full = (path) => path.endsWith('closed.json');
  const closed = await log.close();
  expect(closed).toEqual({ bytes: 6, sha256: sha256(Buffer.from('stored')) });
  expect(await store.stat(1)).toMatchObject({ closed: true, bytes: 6 });
  expect(fixture.reports).toEqual([expect.stringContaining('mends')]);

  const next = await fixture.open();
  expect(await next.stat(1)).toMatchObject({ closed: false });
  await next.recover();
  expect(await next.stat(1)).toMatchObject({ closed: true, sha256: closed.sha256 });
});

test.each([0, 1])(
  'what a write that failed left behind is gone before the next is there (cutting it off fails %d times)',
  async (refusals) => {
    const [path, index_path] = [join(fixture.folder, 'log'), join(fixture.folder, 'index')];
    let left = refusals;
    const created = await disk.create(path);
    const log = { ...created, truncate: (length: number) => (left-- > 0 ? Promise.reject(noSpace()) : created.truncate(length)) };
    const index = await disk.create(index_path);
    const file = new LogFile({ log, index }, handClock(), () => undefined);
    await file.append(Buffer.from('one\n'));
    full = (written) => written === path;
    expect(await file.append(Buffer.from('lost\n'.repeat(100)))).toEqual([]);
    full = () => false;
    await file.append(Buffer.from('two\n'));
    const text = await readFile(path, 'utf8');
    expect(text).toBe('one\n\n— 500 bytes of output are missing here: ENOSPC: no space left on device, write\ntwo\n');
    expect([file.bytes, (await stat(index_path)).size]).toEqual([Buffer.byteLength(text), 2 * ENTRY_BYTES]);
    await file.finish();
  },
);
