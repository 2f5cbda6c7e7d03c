import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { handClock, meta, openFixture, readAll, textOf } from './log_store_fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

describe('chunks', () => {
  test('for any bytes and any splits they decode to what the file decodes to, the same live, closed and after a restart', async () => {
    const byte = fc.constantFrom(0x41, 0x0a, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xbb, 0xf0, 0xf4, 0xff);
    const write = fc.array(byte, { maxLength: 12 }).map((list) => Buffer.from(list));
    const clock = handClock();
    const store = await fixture.open({ clock });
    let run_id = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ write, ring: fc.boolean() }), { maxLength: 12 }), async (steps) => {
        const log = await store.create(meta(++run_id), []);
        const live = new Map<number, string>();
        for (const step of steps) {
          log.write(step.write);
          if (step.ring) clock.ring();
          await new Promise((resolve) => setImmediate(resolve));
          for (const chunk of await store.chunks(run_id, 0, 1000)) live.set(chunk.seq, JSON.stringify(chunk));
        }
        await log.close();
        const chunks = await readAll(store, run_id, 0, 10);
        const file = await fixture.file(run_id);
        expect(file.equals(Buffer.concat(steps.map((step) => step.write)))).toBe(true);
        expect(textOf(chunks)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(file));
        expect(chunks.map((chunk) => chunk.seq)).toEqual(chunks.map((_, at) => at));
        expect(chunks.map(({ line }) => line)).toEqual(chunks.map(({ offset }) => String(file.subarray(0, offset)).split('\n').length));
        for (const [seq, text] of live) expect(JSON.stringify(chunks[seq])).toBe(text);
        expect(await readAll(await fixture.open(), run_id, 0, 10)).toEqual(chunks);
      }),
      { numRuns: 60 },
    );
  });

  test('an offset inside a chunk gives its rest, inside a character from where that begins, at the end nothing', async () => {
    const clock = handClock();
    const store = await fixture.open({ clock });
    const log = await store.create(meta(1), []);
    clock.ms = 7;
    log.write(Buffer.from('ab€cd'));
    const expectRest = async (): Promise<void> => {
      const common = { run_id: 1, seq: 0, line: 1, at_ms: 7 };
      expect(await store.chunks(1, 1, 100)).toEqual([{ ...common, offset: 1, bytes: 6, text: 'b€cd' }]);
      expect(await store.chunks(1, 4, 100)).toEqual([{ ...common, offset: 2, bytes: 5, text: '€cd' }]);
      expect(await store.chunks(1, 5, 100)).toEqual([{ ...common, offset: 5, bytes: 2, text: 'cd' }]);
      expect(await store.chunks(1, 7, 100)).toEqual([]);
      expect(await store.chunks(1, 700, 100)).toEqual([]);
    };
    clock.ring();
    await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 7 }));
    await expectRest();
    await log.close();
    await expectRest();
  });

  test('the rest of a chunk says which line it begins in', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    log.write(Buffer.from('a\nbc\nd'));
    await log.close();
    for (const [offset, line] of [
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 2],
      [5, 3],
    ] as const)
      expect(await store.chunks(1, offset, 100)).toMatchObject([{ offset, line }]);
  });

  test('live viewers are served from memory: the newest MiB needs no disk, what is older does', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    for (let line = 0; line < 30; line++) {
      log.write(Buffer.alloc(65_536, 65 + line));
      await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: (line + 1) * 65_536 }), { interval: 1 });
    }
    expect(textOf(await readAll(store, 1)).length).toBe(30 * 65_536);
    await rm(runPaths(fixture.folder, 1).folder, { recursive: true });
    expect((await readAll(store, 1, 29 * 65_536)).at(0)?.text.at(0)).toBe('^');
    const newest = Array.from({ length: 15 }, (_, line) => String.fromCharCode(65 + 15 + line).repeat(65_536)).join('');
    expect(textOf(await readAll(store, 1, 15 * 65_536)) === newest).toBe(true);
    await expect(store.chunks(1, 0, 100)).rejects.toMatchObject({ code: 'gone' });
  });

  test('an answer holds about what was asked for, and never less than one chunk; a big write is many chunks', async () => {
    const store = await fixture.open();
    const log = await store.create(meta(1), []);
    log.write(Buffer.alloc(300_000, 'x'));
    for (const when of ['open', 'closed']) {
      if (when === 'closed') await log.close();
      else await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 300_000 }));
      const sizes = async (max: number): Promise<number[]> => (await store.chunks(1, 0, max)).map((chunk) => chunk.bytes);
      expect(await sizes(1)).toEqual([65_536]);
      expect(await sizes(140_000)).toEqual([65_536, 65_536]);
      expect(await sizes(1_000_000)).toEqual([65_536, 65_536, 65_536, 65_536, 37_856]);
    }
  });

  test('a long log of many small chunks is read from any place', async () => {
    const clock = handClock();
    const store = await fixture.open({ clock });
    const log = await store.create(meta(1), []);
    for (let line = 0; line < 600; line++) {
      log.write(Buffer.from(`${String(line).padStart(5, '0')}\n`));
      clock.ring();
      await vi.waitFor(async () => expect((await store.stat(1))?.chunks).toBe(line + 1), { interval: 0 });
    }
    await log.close();
    expect(await store.chunks(1, 6 * 534, 13)).toMatchObject([
      { seq: 534, text: '00534\n' },
      { seq: 535, text: '00535\n' },
    ]);
    expect((await store.chunks(1, 0, 1_000_000)).length).toBe(600);
  });
});
