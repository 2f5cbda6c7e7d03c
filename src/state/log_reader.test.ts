import { beforeEach, expect, test, vi } from 'vitest';
import type { LogServer } from '../logview/log_server.ts';
import { LogReader } from './log_reader.svelte.ts';

const MATCHES = [10, 20];
const ERRORS = [20, 30];
const extent = { run_id: 1, bytes: 100, lines: 100, closed: true };
const server: Pick<LogServer, 'marks' | 'hits' | 'hitLines' | 'search'> = {
  marks: () =>
    Promise.resolve({
      ...extent,
      surveyed: 100,
      errors: { count: ERRORS.length, items: ERRORS.map((n) => ({ n, offset: n, kind: 'test' })) },
      sections: [],
    }),
  hits: (_run_id, _query, from) => {
    const first = 'line' in from ? MATCHES.findIndex((n) => n >= from.line) : from.k;
    const items = MATCHES.map((n, k) => ({
      row: k,
      k,
      style: [-1, -1, 0] as [number, number, number],
      line: { n, offset: n, bytes: 1, text: '' },
    }));
    return Promise.resolve({ ...extent, count: MATCHES.length, scanned: 100, rows: MATCHES.length, items: items.slice(first) });
  },
  hitLines: () => Promise.resolve({ ...extent, count: MATCHES.length, scanned: 100, rows: MATCHES.length, numbers: MATCHES }),
  async *search() {
    yield await Promise.resolve({ type: 'done' as const, count: MATCHES.length, bytes: 100, closed: true, buckets: [] });
  },
};
let gone: number[];
let reader: LogReader;

beforeEach(async () => {
  gone = [];
  reader = new LogReader(1, server as LogServer, () => ({
    visibleRange: () => ({ first: gone.at(-1) ?? 1, last: (gone.at(-1) ?? 1) + 5 }),
    goToLine: (n) => {
      reader.uncover(n);
      gone.push(n);
    },
  }));
  await reader.marks.upTo(100, true);
});

const filtered = async (): Promise<void> => {
  reader.finding = true;
  reader.ask({ q: 'x' });
  reader.show(0);
  await vi.waitFor(() => expect([reader.rows?.count, reader.find.at?.n]).toEqual([2, 10]));
};

test('an error that was gone to has its number while it is in view', () => {
  expect([reader.led, reader.errorIn({ first: 1, last: 100 })]).toEqual([null, null]);
  reader.goToError(1);
  expect(reader.led).toEqual({ n: 20, error: { k: 0, count: 2 } });
  reader.goToError(1);
  expect([gone, reader.errorIn({ first: 25, last: 35 }), reader.errorIn({ first: 1, last: 25 })]).toEqual([[20, 30], 1, null]);
  expect(reader.goToError(1)).toBe(false);
});

test('a match that is gone to leaves the matching lines alone on the screen', async () => {
  await filtered();
  reader.step(1);
  await vi.waitFor(() => expect(reader.led).toEqual({ n: 20, error: null }));
  expect(reader.context).toBe(0);
});

test('a line that does not match is shown among all lines', async () => {
  await filtered();
  reader.goToError(1);
  expect([gone.at(-1), reader.context]).toEqual([20, 0]);
  reader.goToError(1);
  expect([gone.at(-1), reader.context, reader.rows, reader.finding]).toEqual([30, null, undefined, true]);
});
