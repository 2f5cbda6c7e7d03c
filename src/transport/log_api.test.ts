import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AHEAD_KEPT_MS, LogApi } from './log_api.ts';

const EXTENT = { run_id: 7, bytes: 4, lines: 1, closed: true };
const STAT = { ...EXTENT, first_at: null, last_at: null, longest_pause_ms: 0, kept_until: null, kept_why: '' };
const LINES = { ...EXTENT, style: [-1, -1, 0], items: [{ n: 1, offset: 0, bytes: 3, text: 'one' }], times: [] };
let asked: string[];
let broken: boolean;
const api = (): LogApi =>
  new LogApi(async (path) => {
    asked.push(path);
    if (broken) throw new Error('no network');
    return path.endsWith('stat') ? Response.json(STAT) : Response.json(LINES);
  });

beforeEach(() => {
  asked = [];
  broken = false;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('what was asked ahead is answered once from that, then asked anew', async () => {
  const logs = api();
  logs.askAhead(7, 512);
  expect(asked).toEqual(['/api/v1/runs/7/log/stat', '/api/v1/runs/7/log/lines?last=512']);
  expect(await logs.stat(7)).toEqual(STAT);
  expect(await logs.lastLines(7, 512)).toEqual(LINES);
  expect(asked).toHaveLength(2);
  await logs.stat(7);
  await logs.lastLines(7, 512);
  expect(asked).toHaveLength(4);
});

test('it is of that run, and of that moment', async () => {
  const logs = api();
  logs.askAhead(7, 512);
  await logs.stat(8);
  expect(asked).toHaveLength(3);
  vi.advanceTimersByTime(AHEAD_KEPT_MS);
  await logs.stat(7);
  expect(asked).toHaveLength(4);
});

test('when it fails, whoever comes for it is told', async () => {
  broken = true;
  const logs = api();
  logs.askAhead(7, 512);
  await expect(logs.stat(7)).rejects.toMatchObject({ code: 'no_answer' });
});

test('without a log there are no last lines', async () =>
  expect(await new LogApi(async () => Response.json({ code: 'not_found' }, { status: 404 })).lastLines(7, 512)).toBeNull());
