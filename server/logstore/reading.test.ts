/** One suite for whoever reads a log: the same lines, places, chunks and matches, whether it is being written, closed or compressed. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PLAIN, styleAfter } from '../../src/shared/output/ansi.ts';
import { packStyle } from '../../src/shared/output/packed_style.ts';
import { LINES_SENT_MOST } from '../../src/shared/protocol/log_bounds.ts';
import type { LogQuery } from '../../src/shared/protocol/run_log.ts';
import { systemClock } from '../clock.ts';
import { compressLog } from './compress_log.ts';
import { realDisk } from './disk.ts';
import { FRAME_RAW_BYTES } from './frames.ts';
import { runPaths } from './layout.ts';
import { meta, openFixture, readAll, textOf, type Fixture } from './log_store_fixture.ts';
import type { LogStore } from './port.ts';
import { ClosedRecord, readRecord } from './records.ts';
import { find, linesOf, naive, query } from './search/search_fixture.ts';
import { decodeLossy } from './utf8_cut.ts';
import type { LogJobs } from './worker/jobs.ts';
import { openWorkers } from './worker/workers.ts';

const E = '\u001b';
/** More than a block of a search, with a line across the end of every frame. */
const LINES = Array.from({ length: 30_000 }, (_, i) => {
  const n = i + 1;
  if (n % 900 === 0) return `${n} a long one ${'– '.repeat(3_000)}needle`;
  if (n % 7 === 0) return `${n} ${E}[3${n % 8}mcoloured nee${E}[1mdle`;
  if (n % 11 === 0) return `${n} 10%\r${n} done\r`;
  return `${n} plain ${n % 13 === 0 ? 'needle ' : ''}${'.'.repeat(n % 60)}`;
});
const DATA = Buffer.from(`${LINES.join('\n')}\nlast, ${E}[0mwithout an end: needle`);
const signal = new AbortController().signal;

type Form = 'open' | 'closed' | 'compressed';

async function stored(fixture: Fixture, store: LogStore, form: Form): Promise<void> {
  const log = await store.create(meta(1), []);
  for (let at = 0; at < DATA.length; at += 50_000) {
    log.write(DATA.subarray(at, at + 50_000));
    await log.drained();
  }
  if (form === 'open') return;
  await log.close();
  if (form === 'closed') return;
  const paths = runPaths(fixture.folder, 1);
  const closed = await readRecord(ClosedRecord, paths.closed);
  if (closed === null) throw new Error('not closed');
  await compressLog(1, paths, closed, { disk: realDisk, goOn: () => undefined });
}

test('the log is of several frames, and its lines are cut by them', () => {
  expect(DATA.length).toBeGreaterThan(6 * FRAME_RAW_BYTES);
  for (let end = FRAME_RAW_BYTES; end < DATA.length; end += FRAME_RAW_BYTES) expect(DATA[end - 1]).not.toBe(10);
});

describe.each<Form>(['open', 'closed', 'compressed'])('of a log that is %s', (form) => {
  let fixture: Fixture;
  let store: LogStore;
  beforeAll(async () => {
    fixture = await openFixture();
    store = await fixture.open({ workers: openWorkers<LogJobs>(systemClock, new URL('./worker/thread.ts', import.meta.url)) });
    await stored(fixture, store, form);
    // What is being written is stored after a moment.
    await vi.waitFor(async () => expect((await store.stat(1))?.bytes).toBe(DATA.length), { interval: 10 });
  });
  afterAll(() => fixture.cleanUp());

  test('the bytes lie where they should', async () => {
    expect(await store.source(1)).toMatchObject({ type: form === 'compressed' ? 'frames' : 'plain', closed: form !== 'open' });
  });

  test('lines and places are those of the bytes', async () => {
    const wanted = linesOf(DATA);
    let style = PLAIN;
    for (let n = 1; n <= wanted.length;) {
      const answer = await store.lines(1, n, LINES_SENT_MOST);
      expect(answer).toMatchObject({ bytes: DATA.length, lines: wanted.length, closed: form !== 'open', style: packStyle(style) });
      const items = answer?.items ?? [];
      const expected = wanted
        .slice(n - 1, n - 1 + items.length)
        .map(({ offset, raw }, i) => ({ n: n + i, offset, bytes: raw.length, text: decodeLossy(raw) }));
      expect(items).toEqual(expected);
      for (const { text } of items) style = styleAfter(text, style);
      n += Math.max(1, items.length);
    }
    for (const n of [1, 2, 899, 900, 15_000, wanted.length]) {
      const offset = wanted[n - 1]?.offset ?? 0;
      expect(await store.place(1, { line: n })).toMatchObject({ n, offset });
      expect(await store.place(1, { offset: offset + 1 })).toMatchObject({ n, offset });
    }
  });

  test('chunks are the text, from any place', async () => {
    expect(textOf(await readAll(store, 1))).toBe(decodeLossy(DATA));
    const from = linesOf(DATA)[20_000]?.offset ?? 0;
    expect(textOf(await readAll(store, 1, from))).toBe(decodeLossy(DATA.subarray(from)));
  });

  test.each<LogQuery>([
    query('needle'),
    query('NEEDLE', 'text', 'ignore'),
    query('needle', 'word'),
    query('[0-9]+ done', 'regex'),
    query('^\\d+ coloured n.*e$|without an end', 'regex'),
    query('10%'),
    query('nothing of it'),
  ])('what is found is what a naive search finds: %j', async (q) => {
    const wanted = naive(DATA, q);
    const { count, buckets, lines, offsets } = await find(store, 1, q);
    expect({ count, buckets }).toEqual({ count: wanted.count, buckets: wanted.buckets });
    expect([lines, offsets]).toEqual([wanted.lines.slice(0, 1_000), wanted.offsets.slice(0, 1_000)]);
    const rows = await store.hits(1, q, { begin: { near: 10_000 }, count: 20, context: 0 }, signal);
    expect(rows?.items.map(({ line }) => line.n)).toEqual(wanted.lines.filter((n) => n >= 10_000).slice(0, 20));
  });
});
