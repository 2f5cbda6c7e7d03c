import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PLAIN, styleAfter } from '../../src/shared/output/ansi.ts';
import { packStyle } from '../../src/shared/output/packed_style.ts';
import { LINE_SENT_BYTES } from '../../src/shared/protocol/log_bounds.ts';
import type { Fixture } from './log_store_fixture.ts';
import { handClock, meta, openFixture } from './log_store_fixture.ts';
import type { LogStore, RunLog } from './port.ts';
import { decodeLossy } from './utf8_cut.ts';

const E = '\u001b';
let fixture: Fixture;
let clock: ReturnType<typeof handClock>;
let store: LogStore;
beforeEach(async () => {
  fixture = await openFixture();
  clock = handClock();
  store = await fixture.open({ clock });
});
afterEach(() => fixture.cleanUp());

/** Stores each text as a chunk of its own, at 100 ms, 200 ms and so on. */
async function written(run_id: number, parts: readonly (string | Buffer)[]): Promise<RunLog> {
  clock.ms = 0;
  const log = await store.create(meta(run_id), []);
  for (const part of parts) {
    clock.ms += 100;
    const before = (await store.stat(run_id))?.chunks ?? 0;
    log.write(Buffer.from(part));
    clock.ring();
    await vi.waitFor(async () => expect((await store.stat(run_id))?.chunks).toBeGreaterThan(before), { interval: 0 });
  }
  return log;
}

interface Expected {
  n: number;
  offset: number;
  bytes: number;
  text: string;
}

function linesOf(file: Buffer): Expected[] {
  const lines: Expected[] = [];
  for (let offset = 0; offset < file.length;) {
    const feed = file.indexOf(0x0a, offset);
    const end = feed === -1 ? file.length : feed;
    lines.push({ n: lines.length + 1, offset, bytes: end - offset, text: decodeLossy(file.subarray(offset, end)) });
    offset = end + 1;
  }
  return lines;
}

test('for any output in any chunks, any lines and places are those of the file, while it is written, closed and after a restart', async () => {
  const part = fc
    .constantFrom('\n', 'a', 'é', '\r', `${E}[31m`, `${E}[G`, `${E}[`, '1m', E, '[4', 'm', '\n\n', `${E}[0m`)
    .map((text) => Buffer.from(text));
  const chunk = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => Buffer.concat(parts));
  let run_id = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { minLength: 1, maxLength: 8 }),
      fc.nat({ max: 12 }),
      fc.nat({ max: 5 }),
      async (chunks, from, count) => {
        const log = await written(++run_id, chunks);
        const file = Buffer.concat(chunks);
        const expected = linesOf(file);
        const atOf = (offset: number): number => {
          let end = 0;
          return 100 * (chunks.findIndex(({ length }) => (end += length) > offset) + 1);
        };
        const check = async (logs: LogStore, closed: boolean): Promise<void> => {
          const extent = { bytes: file.length, lines: expected.length, closed };
          const items = expected.slice(from, from + count);
          const times = items.map(({ n, offset }) => [n, atOf(offset)] as const).filter(([, at], i, all) => at !== all[i - 1]?.[1]);
          const start = expected[from]?.offset ?? file.length;
          const style = packStyle(styleAfter(decodeLossy(file.subarray(0, start)), PLAIN));
          expect(await logs.lines(run_id, from + 1, count)).toEqual({ ...extent, style, items, times });
          const place = (line: Expected | undefined): unknown =>
            line && { ...extent, n: line.n, offset: line.offset, at: atOf(line.offset) };
          expect(await logs.place(run_id, { line: from + 1 })).toEqual(place(expected[from] ?? expected.at(-1)));
          const holding = expected.find(({ offset, bytes }) => from <= offset + bytes) ?? expected.at(-1);
          expect(await logs.place(run_id, { offset: from })).toEqual(place(holding));
          const since = expected.find(({ offset }) => atOf(offset) >= 50 * from) ?? expected.at(-1);
          expect(await logs.place(run_id, { at_ms: 50 * from })).toEqual(place(since));
        };
        await check(store, false);
        await log.close();
        await check(store, true);
        await check(await fixture.open(), true);
      },
    ),
    { numRuns: 60 },
  );
});

test('a sequence that is cut by the border of two chunks colours the lines of the second', async () => {
  const log = await written(1, [`first\n${E}[3`, '1mred\nstill red']);
  expect(await store.lines(1, 3, 1)).toMatchObject({ style: [1, -1, 0], items: [{ text: 'still red' }] });
  await log.close();
});

describe('a long line', () => {
  const lineOf = async (text: string | Buffer, n = 2) => {
    const log = await written(1, [Buffer.concat([Buffer.from(`${E}[32mfirst\n`), Buffer.from(text), Buffer.from('\nlast')])]);
    await log.close();
    const found = await store.lines(1, 1, 10);
    expect(found?.items.map((line) => line.n)).toEqual([1, 2, 3]);
    expect(found?.items.at(-1)).toMatchObject({ text: 'last' });
    return found?.items[n - 1];
  };
  const long = 'é'.repeat(100_000);

  test('is cut between characters, and says its size and the style after all of it', async () => {
    const line = await lineOf(`x${long}${E}[1m`);
    expect(line).toEqual({ n: 2, offset: 11, bytes: 200_005, text: `x${'é'.repeat((LINE_SENT_BYTES - 2) / 2)}`, cut: [2, -1, 1] });
  });

  test('of just as many bytes as are sent is not cut', async () => {
    const line = await lineOf('x'.repeat(LINE_SENT_BYTES));
    expect(line).toMatchObject({ bytes: LINE_SENT_BYTES, text: 'x'.repeat(LINE_SENT_BYTES) });
    expect(line).not.toHaveProperty('cut');
  });

  test.each(['', '\r', '\r\r', `${E}[1G\r`])('that was started over is sent from where it was last, whatever ends it (%j)', async (end) => {
    const before = `${long}\r${E}[31m50 %${long}\r`;
    const line = await lineOf(`${before}100 %${E}[0m${end}`);
    expect(line).toEqual({
      ...{ n: 2, offset: 11, bytes: Buffer.byteLength(before) + 9 + end.length, text: `100 %${E}[0m${end}`, cut: [-1, -1, 0] },
      skipped: { bytes: Buffer.byteLength(before), style: [1, -1, 0] },
    });
  });

  test.each([65_535, 65_536])('that was started over where a read ends (%i) is sent from there', async (length) => {
    const line = await lineOf(`${'x'.repeat(length)}\r${'y'.repeat(20_000)}`);
    expect(line).toMatchObject({ text: 'y'.repeat(LINE_SENT_BYTES), skipped: { bytes: length + 1 } });
  });

  test('that is still being written is shown so far', async () => {
    await written(1, ['x'.repeat(200_000)]);
    expect(await store.lines(1, 1, 10)).toMatchObject({ lines: 1, items: [{ n: 1, bytes: 200_000, cut: [-1, -1, 0] }] });
  });
});

test('one answer holds about 1 MiB of text and a thousand lines', async () => {
  const log = await written(1, [`${'x'.repeat(16_000)}\n`.repeat(100), 'y\n'.repeat(3_000)]);
  await log.close();
  expect((await store.lines(1, 1, 1_000))?.items.length).toBe(66);
  expect((await store.lines(1, 101, 5_000))?.items.length).toBe(1_000);
  expect(await store.lines(1, 3_101, 5)).toMatchObject({ lines: 3_100, items: [], times: [] });
});

test('a run without a log has no lines; an empty log has none either, and its place is its beginning', async () => {
  expect([await store.lines(9, 1, 1), await store.place(9, { line: 1 }), await store.source(9)]).toEqual([null, null, null]);
  await written(1, []);
  expect(await store.lines(1, 1, 1)).toEqual({ bytes: 0, lines: 0, closed: false, style: [-1, -1, 0], items: [], times: [] });
  expect(await store.place(1, { offset: 5 })).toEqual({ bytes: 0, lines: 0, closed: false, n: 1, offset: 0, at: null });
});

describe('pauses', () => {
  test('count from the beginning to the end, and while it is open up to now; a clock set back makes none', async () => {
    const log = await written(1, ['a\n', 'b\n']);
    const of = async (): Promise<unknown> => {
      const { first_at, last_at, longest_pause_ms } = (await store.stat(1)) ?? {};
      return [first_at, last_at, longest_pause_ms];
    };
    expect(await of()).toEqual([100, 200, 100]);
    clock.ms = 350;
    expect(await of()).toEqual([100, 200, 150]);
    clock.ms = 150;
    log.write(Buffer.from('c\n'));
    clock.ring();
    await vi.waitFor(async () => expect(await store.stat(1)).toMatchObject({ bytes: 6 }));
    expect(await of()).toEqual([100, 200, 100]);
    clock.ms = 900;
    await log.close();
    clock.ms = 5_000;
    expect(await of()).toEqual([100, 200, 700]);
    store = await fixture.open();
    expect(await of()).toEqual([100, 200, 700]);
  });
});
