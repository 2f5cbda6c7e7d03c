import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { deleteLog } from '../delete_log.ts';
import { realDisk } from '../disk.ts';
import { runPaths } from '../layout.ts';
import { linesOfLog, placeInLog } from '../log_answers.ts';
import { openLogBytes } from '../log_bytes.ts';
import type { LogStore } from '../port.ts';
import type { LogJobs } from '../worker/jobs.ts';
import { openWorkers } from '../worker/workers.ts';
import { meta, openFixture, type Fixture } from '../log_store_fixture.ts';
import { openLogSearch } from './log_search.ts';
import { find, naive, query } from './search_fixture.ts';

const signal = new AbortController().signal;
let fixture: Fixture;
let store: LogStore;

beforeEach(async () => {
  fixture = await openFixture();
  store = await fixture.open({ workers: openWorkers<LogJobs>(systemClock, new URL('../worker/thread.ts', import.meta.url)) });
});
afterEach(async () => fixture.cleanUp());

it('a log is searched while it is written, and after it', async () => {
  const log = await store.create(meta(1), []);
  const asked = query('needle');
  let counted = 0;
  for (let part = 0; part < 40; part++) {
    log.write(
      Buffer.from(Array.from({ length: 997 }, (_, i) => `${part} ${i} ${i % 10 === 0 ? '\u001b[31mnee\u001b[0mdle' : 'x'}\n`).join('')),
    );
    await log.drained();
    const { count, frames } = await find(store, 1, asked);
    const done = frames.at(-1);
    const content = await fixture.file(1);
    expect(count).toBe(naive(content.subarray(0, done?.type === 'done' ? done.bytes : 0), asked).count);
    expect(count).toBeGreaterThanOrEqual(counted);
    counted = count;
  }
  await log.close();
  const { frames: _, lines, offsets, ...found } = await find(store, 1, asked);
  const wanted = naive(await fixture.file(1), asked);
  expect(found).toEqual({ count: wanted.count, buckets: wanted.buckets });
  expect([lines, offsets]).toEqual([wanted.lines.slice(0, 1_000), wanted.offsets.slice(0, 1_000)]);
});

it('rows come with their text and the style they begin in', async () => {
  const log = await store.create(meta(1), []);
  log.write(Buffer.from('one\n\u001b[1;31mtwo\nneedle\u001b[0m\nfour\nneedle\n'));
  await log.close();
  const found = await store.hits(1, query('needle'), { begin: { from: 0 }, count: 10, context: 0 }, signal);
  expect(found).toMatchObject({
    count: 2,
    rows: 2,
    items: [
      { row: 0, k: 0, style: [1, -1, 1], line: { n: 3, text: 'needle\u001b[0m' } },
      { row: 1, k: 1, style: [-1, -1, 0], line: { n: 5, text: 'needle' } },
    ],
  });
});

it('rows come as the numbers of their lines alone, as many as are asked for', async () => {
  const log = await store.create(meta(1), []);
  log.write(Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i % 2 === 0 ? 'needle\n' : 'x\n')).join('')));
  await log.close();
  const asked = { begin: { row: 1_500 }, count: 700, context: 0 };
  const found = await store.hitLines(1, query('needle'), asked, signal);
  expect(found).toMatchObject({ count: 2_500, rows: 2_500, numbers: Array.from({ length: 700 }, (_, i) => 3_001 + 2 * i) });
  expect(await store.hitLines(1, query('needle'), { ...asked, begin: { row: 2_500 } }, signal)).toMatchObject({ rows: 2_500, numbers: [] });
  expect(await store.hitLines(5, query('x'), asked, signal)).toBeNull();
});

it('a log that is deleted while it is read says so, to whoever reads it', async () => {
  const log = await store.create(meta(1), []);
  log.write(Buffer.from('needle\n'));
  const { bytes, sha256 } = await log.close();
  const before = (await store.source(1))!;
  const why = 'Log deleted after 30 days; outcome and hash kept.';
  await deleteLog(realDisk, runPaths(fixture.folder, 1), { at_ms: 1, why, bytes, sha256 });
  const workers = openWorkers<LogJobs>(systemClock, new URL('../worker/thread.ts', import.meta.url));
  const search = openLogSearch({ clock: systemClock, workers, source: async () => before, lines: async () => null });
  const said = { code: 'log_deleted', message: why };
  await expect(find(search, 1, query('needle'))).rejects.toMatchObject(said);
  await workers.close();
  for (const read of [() => openLogBytes(before), () => linesOfLog(before, 1, 1), () => placeInLog(before, { line: 1 })])
    await expect(read()).rejects.toMatchObject(said);
  // Of one that nobody deleted there is nothing more to say.
  await rm(runPaths(fixture.folder, 1).deleted);
  await expect(openLogBytes(before)).rejects.toMatchObject({ code: 'gone' });
});

it('a run without a log has nothing to search', async () => {
  await expect(find(store, 5, query('x'))).rejects.toMatchObject({ code: 'not_found' });
  expect(await store.hits(5, query('x'), { begin: { from: 0 }, count: 1, context: 0 }, signal)).toBeNull();
});
