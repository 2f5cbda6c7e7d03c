import { readFile, readdir, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compressLog } from './compress_log.ts';
import type { Disk } from './disk.ts';
import { realDisk } from './disk.ts';
import { openFrameBytes } from './frame_bytes.ts';
import { FRAME_RAW_BYTES } from './frames.ts';
import { runPaths } from './layout.ts';
import { openLogBytes, withLogBytes, type LogBytes } from './log_bytes.ts';
import type { Fixture } from './log_store_fixture.ts';
import { dyingDisk, meta, openFixture, readAll, sha256, textOf } from './log_store_fixture.ts';
import type { LogStore } from './port.ts';
import { ClosedRecord, readRecord } from './records.ts';

let fixture: Fixture;
let store: LogStore;
beforeEach(async () => {
  fixture = await openFixture();
  store = await fixture.open();
});
afterEach(() => fixture.cleanUp());

const LINES = Buffer.from(Array.from({ length: 40_000 }, (_, at) => `line ${at} – ${(at * 7919) % 1000}\n`).join(''));

async function closedLog(data: Buffer, run_id = 1): Promise<void> {
  const log = await store.create(meta(run_id), []);
  log.write(data);
  await log.close();
}

async function compress(disk: Disk = realDisk, run_id = 1): Promise<number> {
  const paths = runPaths(fixture.folder, run_id);
  const closed = await readRecord(ClosedRecord, paths.closed);
  if (closed === null) throw new Error('not closed');
  return await compressLog(run_id, paths, closed, { disk, goOn: () => undefined });
}

async function withSource<T>(use: (bytes: LogBytes) => T): Promise<T> {
  const source = await store.source(1);
  if (source === null) throw new Error('no log');
  return withLogBytes(source, (bytes) => Promise.resolve(use(bytes)));
}

const wholeNow = (): Promise<Buffer> => withSource((bytes) => bytes.readNow(0, LINES.length));
const whole = (of: LogStore = store): Promise<Buffer> => buffer(of.bytes(1, 0, Number.MAX_SAFE_INTEGER));

describe('a compressed log', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['exactly one frame', Buffer.alloc(FRAME_RAW_BYTES, 'ab')],
    ['one byte more', Buffer.alloc(FRAME_RAW_BYTES + 1, 'ab')],
    ['many frames', LINES],
  ])('of %s is read as it was written, from any place', async (_what, data) => {
    await closedLog(data);
    const chunks = await readAll(store, 1);
    expect((await store.source(1))?.type).toBe('plain');
    await compress();
    expect((await store.source(1))?.type).toBe('frames');
    expect(await readdir(runPaths(fixture.folder, 1).folder)).not.toContain('log');
    expect((await whole()).equals(data)).toBe(true);
    expect(await readAll(store, 1)).toEqual(chunks);
    for (const [from, to] of [
      [0, 1],
      [FRAME_RAW_BYTES - 3, FRAME_RAW_BYTES + 3],
      [FRAME_RAW_BYTES, FRAME_RAW_BYTES * 2],
      [data.length - 5, data.length],
    ] as const) {
      if (from < 0) continue;
      expect((await buffer(store.bytes(1, from, to))).equals(data.subarray(from, to))).toBe(true);
    }
    expect(await (await fixture.open()).stat(1)).toMatchObject({ closed: true, bytes: data.length, sha256: sha256(data) });
  });

  test('is an ordinary zstd file, much smaller', async () => {
    await closedLog(LINES);
    const bytes = await compress();
    const file = await readFile(runPaths(fixture.folder, 1).compressed);
    expect(bytes).toBe(file.length);
    expect(file.length).toBeLessThan(LINES.length / 4);
    expect(zstdDecompressSync(file).equals(LINES)).toBe(true);
  });

  test('reads only the frames it is asked for, and each of them once', async () => {
    await closedLog(LINES);
    await compress();
    const { compressed, frames } = runPaths(fixture.folder, 1);
    const file = await readFile(compressed);
    // The first frame is damaged, and is not in the way.
    await writeFile(compressed, file.fill(0xff, 0, 10));
    const bytes = await openFrameBytes({ run_id: 1, path: compressed, frames_path: frames });
    const part = await bytes.read(FRAME_RAW_BYTES, FRAME_RAW_BYTES + 10);
    expect(part.equals(LINES.subarray(FRAME_RAW_BYTES, FRAME_RAW_BYTES + 10))).toBe(true);
    await expect(bytes.read(0, 10)).rejects.toMatchObject({ code: 'gone' });
    expect(bytes.readNow(FRAME_RAW_BYTES, FRAME_RAW_BYTES + 10).equals(part)).toBe(true);
    expect(() => bytes.readNow(0, 10)).toThrow(expect.objectContaining({ code: 'gone' }));
    await bytes.close();
    await bytes.close();
  });

  test.each(['frames', 'compressed'] as const)('whose %s were cut short fails as gone, never with other bytes', async (which) => {
    await closedLog(LINES);
    await compress();
    const path = runPaths(fixture.folder, 1)[which];
    const file = await readFile(path);
    await writeFile(path, file.subarray(0, file.length - 9));
    await expect(whole()).rejects.toMatchObject({ code: 'gone' });
    await expect(wholeNow()).rejects.toMatchObject({ code: 'gone' });
    await writeFile(path, '');
    await expect(whole()).rejects.toMatchObject({ code: 'gone' });
    await expect(wholeNow()).rejects.toMatchObject({ code: 'gone' });
  });

  test.each([2, 0.5])('whose table says that a frame holds %f times what it does fails as gone', async (times) => {
    await closedLog(LINES);
    await compress();
    const { frames } = runPaths(fixture.folder, 1);
    const table = await readFile(frames);
    table.writeBigUInt64LE(BigInt(FRAME_RAW_BYTES * times), 0);
    await writeFile(frames, table);
    await expect(buffer(store.bytes(1, 0, FRAME_RAW_BYTES + 10))).rejects.toMatchObject({ code: 'gone' });
    await expect(wholeNow()).rejects.toMatchObject({ code: 'gone' });
  });

  test('whose table says that a frame ends far away fails as gone', async () => {
    await closedLog(LINES);
    await compress();
    const { frames } = runPaths(fixture.folder, 1);
    const table = await readFile(frames);
    table.writeBigUInt64LE(2n ** 52n, 8);
    await writeFile(frames, table);
    await expect(whole()).rejects.toMatchObject({ code: 'gone' });
    await expect(wholeNow()).rejects.toMatchObject({ code: 'gone' });
  });

  test('is the same for a thread that waits for it, whatever it asks for and whatever memory it offers', async () => {
    await closedLog(LINES);
    expect((await wholeNow()).equals(LINES)).toBe(true);
    await compress();
    expect((await wholeNow()).equals(LINES)).toBe(true);
    await withSource(async (bytes) => {
      const room = Buffer.alloc(FRAME_RAW_BYTES);
      const ends = [0, 1, FRAME_RAW_BYTES - 1, FRAME_RAW_BYTES, FRAME_RAW_BYTES + 1, FRAME_RAW_BYTES * 2, LINES.length];
      for (const from of ends)
        for (const to of ends.filter((end) => end >= from))
          expect(bytes.readNow(from, to, room).equals(LINES.subarray(from, to)), `${from} to ${to}`).toBe(true);
      expect(bytes.readNow(0, 10, room).buffer).toBe(room.buffer);
    });
  });

  test('a reader who was told where the log lay just before finds it all the same', async () => {
    await closedLog(LINES);
    const source = await store.source(1);
    if (source === null) throw new Error('no log');
    await compress();
    const bytes = await openLogBytes(source);
    expect((await bytes.read(0, LINES.length)).equals(LINES)).toBe(true);
    await bytes.close();
  });
});

describe('a life that ends while a log is compressed', () => {
  test('at any step leaves a log that can be read, and the next life compresses it', async () => {
    const steps: string[] = [];
    await closedLog(LINES);
    await compress(dyingDisk(Number.POSITIVE_INFINITY, steps));
    expect(steps.length).toBeGreaterThan(10);
    for (let at = 0; at < steps.length; at++) {
      await store.close();
      await fixture.cleanUp();
      fixture = await openFixture();
      store = await fixture.open();
      await closedLog(LINES);
      await expect(compress(dyingDisk(at)), steps[at]).rejects.toThrow('the power is gone');
      const next = await fixture.open();
      await next.recover();
      expect((await whole(next)).equals(LINES), steps[at]).toBe(true);
      expect(textOf(await readAll(next, 1)), steps[at]).toBe(LINES.toString());
      if ((await next.source(1))?.type === 'plain') await compress();
      expect((await next.source(1))?.type).toBe('frames');
      expect((await whole(next)).equals(LINES), steps[at]).toBe(true);
    }
  });

  test('the log stays when unpacking gives other bytes than were recorded', async () => {
    await closedLog(LINES);
    const { log } = runPaths(fixture.folder, 1);
    const changed = Buffer.from(LINES);
    changed[7] = 0x21;
    await writeFile(log, changed);
    await expect(compress()).rejects.toThrow('did not give the log');
    expect((await readFile(log)).equals(changed)).toBe(true);
  });
});
