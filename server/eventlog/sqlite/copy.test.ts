import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { systemRandom } from '../../uuid.ts';
import { appendSizes, failsWith, take } from '../contract_words.ts';
import type { EventLog } from '../port.ts';
import { openSqliteEventLog } from '../sqlite.ts';
import { beginAnotherHistory } from './another_history.ts';
import { copyEventLog } from './copy.ts';
import { verifyEventLog } from './verify.ts';

let folder: string;
let target: string;
const logs = new Set<EventLog>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-copied-'));
  target = join(mkdtempSync(join(tmpdir(), 'signalbox-copy-')), 'backup');
});
afterEach(async () => {
  for (const log of logs) await log.close();
  logs.clear();
  for (const each of [folder, join(target, '..')]) rmSync(each, { recursive: true, force: true });
});

async function open(where = folder): Promise<EventLog> {
  const log = await openSqliteEventLog({ folder: where, clock: systemClock, random: systemRandom });
  logs.add(log);
  return log;
}

const thousand = Array.from({ length: 1000 }, () => 2);
const here = { clock: systemClock, random: systemRandom, atLeastGeneration: 0 };

describe('a copy', () => {
  test('beside a server is all that was stored, in one file, and verifies', async () => {
    const log = await open();
    await appendSizes(log, 1, 2, 1);
    const steps: [number, number][] = [];
    await copyEventLog(folder, target, (done, total) => steps.push([done, total]));
    expect(readdirSync(target)).toEqual(['events.db']);
    expect(await verifyEventLog(target)).toEqual({ events: 4, commits: 3, rows: 1, epoch: log.bounds().epoch, head: 4, problems: [] });
    expect(readdirSync(target)).toEqual(['events.db']);
    await appendSizes(log, 1);
    expect((await verifyEventLog(folder)).problems).toEqual([]);
  });

  test('of a busy server ends, and is one moment of it', async () => {
    const log = await open();
    for (let i = 0; i < 30; i++) await appendSizes(log, ...thousand);
    const head = log.bounds().head;
    const steps: number[] = [];
    await copyEventLog(folder, target, (done) => {
      steps.push(done);
      void appendSizes(log, ...thousand);
    });
    expect(steps.length).toBeGreaterThan(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(log.bounds().head).toBeGreaterThan(head);
    expect(await verifyEventLog(target)).toMatchObject({ head, events: head, problems: [] });
  });

  test('does not replace one that is there, nor copies nothing', async () => {
    await open();
    await copyEventLog(folder, target);
    await expect(copyEventLog(folder, target)).rejects.toEqual(failsWith('unwritable'));
    await expect(copyEventLog(join(folder, 'elsewhere'), join(target, 'new'))).rejects.toEqual(failsWith('unwritable'));
  });

  test('that cannot be made leaves nothing', async () => {
    writeFileSync(join(folder, 'events.db'), 'not a database. '.repeat(500));
    await expect(copyEventLog(folder, target)).rejects.toEqual(failsWith('broken'));
    expect(readdirSync(target)).toEqual([]);
    writeFileSync(join(target, 'file'), '');
    await expect(copyEventLog(folder, join(target, 'file'))).rejects.toEqual(failsWith('unwritable'));
  });

  test('left half made by a crash is begun anew', async () => {
    const log = await open();
    await appendSizes(log, 1);
    await copyEventLog(folder, target);
    rmSync(join(target, 'events.db'));
    writeFileSync(join(target, 'events.db.partial'), 'half a page');
    await copyEventLog(folder, target);
    expect(await verifyEventLog(target)).toMatchObject({ events: 1, problems: [] });
    expect(readdirSync(target)).toEqual(['events.db']);
  });
});

describe('another history', () => {
  beforeEach(async () => {
    const log = await open();
    await appendSizes(log, 1, 1, 1);
    await log.ack('c', 3);
    await copyEventLog(folder, target);
  });

  test('has a generation above its own and above all it is told of, and tells a gap without a range once', async () => {
    expect(await beginAnotherHistory(target, { ...here, atLeastGeneration: 6 })).toEqual({
      epoch: expect.stringMatching(/^7-[0-9a-f]{12}$/) as unknown,
      head: 3,
    });
    const again = await beginAnotherHistory(target, { ...here, taken_at: '2026-11-14T05:00:00.000Z' });
    expect(again.epoch).toMatch(/^8-/);
    const log = await open(target);
    expect(log.bounds()).toEqual({ floor: 0, head: 3, epoch: again.epoch });
    expect(log.lost).toEqual({
      from: 4,
      to: 3,
      why: 'restored from a backup whose last event is of 2026-11-14T02:03:11.004Z; restored from a backup taken at 2026-11-14T05:00:00.000Z',
    });
    expect((await verifyEventLog(target)).problems).toEqual([]);
  });

  test('is above an anchor that lies there already', async () => {
    await beginAnotherHistory(target, { ...here, atLeastGeneration: 40 });
    rmSync(join(target, 'events.db'));
    await copyEventLog(folder, target);
    expect((await beginAnotherHistory(target, here)).epoch).toMatch(/^42-/);
    expect((await open(target)).lost?.to).toBe(3);
  });

  test('goes on with its own numbers, and a consumer misses none of them', async () => {
    await beginAnotherHistory(target, here);
    const log = await open(target);
    await appendSizes(log, 1);
    expect(await take(await log.subscribe('c', { from: 'last_acknowledged' }), 1)).toEqual([4]);
  });

  test('of an empty log', async () => {
    const empty = join(target, 'empty');
    await (await open(empty)).close();
    await beginAnotherHistory(empty, here);
    expect((await open(empty)).lost).toEqual({ from: 1, to: 0, why: 'restored from a backup without events' });
  });

  test('is not begun under a running server, nor where there is no log', async () => {
    await open(target);
    await expect(beginAnotherHistory(target, here)).rejects.toEqual(failsWith('locked'));
    await expect(beginAnotherHistory(join(target, 'nowhere'), here)).rejects.toEqual(failsWith('unwritable'));
  });

  test('a copy that is started without it is another history all the same', async () => {
    const log = await open(target);
    expect(log.bounds().epoch).toMatch(/^2-/);
    expect(log.lost?.why).toContain('anchor');
  });
});
