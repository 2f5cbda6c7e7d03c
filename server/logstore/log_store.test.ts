import { mkdir, rm, truncate } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BLOCK_BYTES } from './incoming.ts';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { faultyDisk, handClock, meta, openFixture, readAll, sha256, textOf } from './log_store_fixture.ts';
import { WRITE_BUFFER_HIGH_BYTES } from './run_log.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

describe('writing', () => {
  test('the file holds what was written, byte for byte, and close gives its size and hash, twice', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(7), []);
    const data = Buffer.from([0x61, 0xff, 0x00, 0xc3, 0x1b, 0x5b, 0x0d]);
    log.write(data.subarray(0, 3));
    log.write(data.subarray(3));
    const closed = await log.close();
    expect(await fixture.file(7)).toEqual(data);
    expect(closed).toEqual({ bytes: 7, sha256: sha256(data) });
    expect(await log.close()).toEqual(closed);
    expect(await store.stat(7)).toMatchObject({
      meta: meta(7),
      ...{ bytes: 7, closed: true, chunks: 1, sha256: closed.sha256, kept_until: null, kept_why: 'Kept for good.' },
    });
    expect(() => log.write(data)).toThrow('closed');
  });

  test('a run has one log: a second is a conflict, also after a restart', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(7), []);
    await expect(store.create(meta(7), [])).rejects.toMatchObject({ name: 'Failure', code: 'conflict' });
    log.write(Buffer.from('kept'));
    await log.close();
    await expect((await fixture.open()).create(meta(7), [])).rejects.toMatchObject({ code: 'conflict' });
    expect(String(await fixture.file(7))).toBe('kept');
  });

  test('a few bytes are flushed when the clock says so, many at once without it', async () => {
    const clock = handClock();
    const store = await fixture.open({ clock });
    const log = await store.create(meta(1), []);
    const seen = vi.fn();
    store.onChange(seen);
    log.write(Buffer.from('a'));
    log.write(Buffer.from('b'));
    expect(clock.waiting()).toBe(1);
    expect(await store.stat(1)).toMatchObject({ bytes: 0, chunks: 0, closed: false });
    clock.ring();
    await vi.waitFor(() => expect(seen).toHaveBeenCalledExactlyOnceWith(1, { bytes: 2, closed: false }));
    log.write(Buffer.alloc(BLOCK_BYTES, 'x'));
    await vi.waitFor(() => expect(seen).toHaveBeenLastCalledWith(1, { bytes: BLOCK_BYTES, closed: false }));
    await log.close();
    expect(seen).toHaveBeenLastCalledWith(1, { bytes: BLOCK_BYTES + 2, closed: true });
  });

  test('a few bytes are flushed soon also when the wall clock is set back meanwhile', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    log.write(Buffer.from('a'));
    const before = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(before - 60_000);
    onTestFinished(() => void vi.mocked(Date.now).mockRestore());
    await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 1 }));
  });

  test('a character waits for its last byte, and while nothing else does no timer runs', async () => {
    const clock = handClock();
    const store = await fixture.open({ clock });
    const log = await store.create(meta(1), []);
    const euro = Buffer.from('€');
    log.write(Buffer.concat([Buffer.from('a'), euro.subarray(0, 2)]));
    clock.ring();
    await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 1 }));
    // Only the survey of what came waits for its time.
    expect(clock.waiting()).toBe(1);
    log.write(euro.subarray(2));
    clock.ring();
    await vi.waitFor(async () => expect(textOf(await store.chunks(1, 0, 100))).toBe('a€'));
    log.write(euro.subarray(0, 2));
    await log.close();
    expect(textOf(await readAll(store, 1))).toBe('a€\ufffd');
  });

  test('drained waits while the disk is slow and much is buffered', async () => {
    let free = (): void => undefined;
    const slow = new Promise<void>((resolve) => (free = resolve));
    const store = await fixture.open({ disk: faultyDisk((path) => (path.endsWith('log') ? slow : undefined)) });
    const log = await store.create(meta(1), []);
    const data = Buffer.concat(Array.from({ length: 16 }, (_, n) => Buffer.alloc(WRITE_BUFFER_HIGH_BYTES / 16, 65 + n)));
    for (let at = 0; at < 15; at++) log.write(data.subarray((at * data.length) / 16, ((at + 1) * data.length) / 16));
    await log.drained();
    log.write(data.subarray((15 * data.length) / 16));
    const drained = vi.fn();
    const waiting = Promise.resolve(log.drained()).then(drained);
    await new Promise((resolve) => setImmediate(resolve));
    expect(drained).not.toHaveBeenCalled();
    free();
    await waiting;
    expect((await log.close()).bytes).toBe(WRITE_BUFFER_HIGH_BYTES);
    expect((await fixture.file(1)).equals(data)).toBe(true);
  });

  test('secrets are masked before the first write, across borders; too short ones are told of once', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), ['hunter2', 'abc']);
    await (await store.create(meta(2), ['abc'])).close();
    for (const piece of ['the password is hun', 'ter', '2, abc', ' and hunt']) log.write(Buffer.from(piece));
    const closed = await log.close();
    const file = await fixture.file(1);
    expect(String(file)).toBe('the password is ***, abc and hunt');
    expect(closed).toEqual({ bytes: file.length, sha256: sha256(file) });
    expect(fixture.reports).toEqual([expect.stringContaining('not masked')]);
  });
});

describe('reading bytes', () => {
  test('gives a range of an open and of a closed log, and no more than there is', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    log.write(Buffer.alloc(150_000, 'abc'));
    await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 150_000 }));
    expect(String(await buffer(store.bytes(1, 1, 4)))).toBe('bca');
    await log.close();
    expect((await buffer(store.bytes(1, 0, 1_000_000))).equals(Buffer.alloc(150_000, 'abc'))).toBe(true);
    expect((await buffer(store.bytes(1, 5, 5))).length).toBe(0);
  });

  test('of a run without a log fails, and of a file that was cut short too', async () => {
    const store = await fixture.open();
    await expect(buffer(store.bytes(9, 0, 10))).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.stat(9)).toBeNull();
    expect(await store.chunks(9, 0, 10)).toEqual([]);
    const log = await store.create(meta(1), []);
    log.write(Buffer.from('0123456789'));
    await log.close();
    await truncate(runPaths(fixture.folder, 1).log, 5);
    await expect(buffer(store.bytes(1, 0, 10))).rejects.toMatchObject({ code: 'gone' });
    await expect(store.chunks(1, 0, 10)).rejects.toMatchObject({ code: 'gone' });
  });
});

describe('the store', () => {
  test('tells listeners apart, and one that throws from the rest', async () => {
    const store = await fixture.open();
    const good = vi.fn();
    const gone = vi.fn();
    store.onChange(() => {
      throw new Error('boom');
    });
    store.onChange(good);
    store.onChange(good)();
    store.onChange(gone)();
    const log = await store.create(meta(1), []);
    log.write(Buffer.from('x'));
    await log.close();
    expect(good.mock.calls).toEqual([
      [1, { bytes: 1, closed: false }],
      [1, { bytes: 1, closed: true }],
    ]);
    expect(gone).not.toHaveBeenCalled();
    expect(fixture.reports).toHaveLength(2);
  });

  test('knows the highest run that has a log, across folders and restarts', async () => {
    const store = await fixture.open();
    expect(store.highestRunId()).toBe(0);
    for (const run_id of [999, 12_000, 2000]) await store.create(meta(run_id), []);
    expect(store.highestRunId()).toBe(12_000);
    expect((await fixture.open()).highestRunId()).toBe(12_000);
    await mkdir(runPaths(fixture.folder, 13_000).folder, { recursive: true });
    await rm(runPaths(fixture.folder, 13_000).folder, { recursive: true });
    expect((await fixture.open()).highestRunId()).toBe(12_000);
  });

  test('closes what is open, may be closed twice, and begins nothing after that', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    log.write(Buffer.from('last words'));
    await Promise.all([store.close(), store.close()]);
    expect(String(await fixture.file(1))).toBe('last words');
    expect(await store.stat(1)).toMatchObject({ closed: true, bytes: 10 });
    expect((await log.close()).bytes).toBe(10);
    await expect(store.create(meta(2), [])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
