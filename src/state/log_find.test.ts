import { expect, test, vi } from 'vitest';
import type { HitPlace, LogServer } from '../logview/log_server.ts';
import type { HitLinesAnswer, HitsAnswer, LogQuery, SearchFrame } from '../shared/protocol/run_log.ts';
import { HitRows } from './hit_rows.svelte.ts';
import { LogFind } from './log_find.svelte.ts';

/** A log whose matching lines are these, answered frame by frame as the test says. */
class Server implements Pick<LogServer, 'search' | 'hits' | 'hitLines'> {
  lines: number[];
  readonly searches: { query: LogQuery; signal: AbortSignal; push: (frame: SearchFrame | null) => void }[] = [];
  fails: Error | null = null;

  constructor(lines: number[]) {
    this.lines = lines;
  }

  async *search(_run_id: number, query: LogQuery, signal: AbortSignal): AsyncIterable<SearchFrame> {
    const frames: (SearchFrame | null)[] = [];
    let wake = (): void => undefined;
    const push = (frame: SearchFrame | null): void => {
      frames.push(frame);
      wake();
    };
    this.searches.push({ query, signal, push });
    for (;;) {
      if (frames.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const frame = frames.shift();
      if (frame === undefined) continue;
      if (frame === null) return;
      yield frame;
    }
  }

  hits(_run_id: number, _query: LogQuery, from: HitPlace, count: number, context: number): Promise<HitsAnswer> {
    if (this.fails !== null) return Promise.reject(this.fails);
    const rows = this.#rows(context);
    const line = 'line' in from ? this.lines.find((n) => n >= from.line) : this.lines[from.k];
    const first = line === undefined ? rows.length : rows.indexOf(line);
    const items = rows.slice(first, first + count).map((n, i) => ({
      row: first + i,
      k: this.lines.includes(n) ? this.lines.indexOf(n) : null,
      style: [-1, -1, 0] as [number, number, number],
      line: { n, offset: 0, bytes: 0, text: '' },
    }));
    return Promise.resolve({ run_id: 1, bytes: 0, lines: 0, closed: true, count: this.lines.length, scanned: 0, rows: rows.length, items });
  }

  hitLines(_run_id: number, _query: LogQuery, row: number, count: number, context: number): Promise<HitLinesAnswer> {
    if (this.fails !== null) return Promise.reject(this.fails);
    const rows = this.#rows(context);
    const numbers = rows.slice(row, row + count);
    return Promise.resolve({
      run_id: 1,
      bytes: 0,
      lines: 0,
      closed: true,
      count: this.lines.length,
      scanned: 0,
      rows: rows.length,
      numbers,
    });
  }

  #rows(context: number): number[] {
    const around = this.lines.flatMap((n) => Array.from({ length: 2 * context + 1 }, (_, c) => n - context + c));
    return [...new Set(around)].toSorted((a, b) => a - b);
  }

  get last(): Server['searches'][number] {
    const last = this.searches.at(-1);
    if (last === undefined) throw new Error('nothing was searched');
    return last;
  }

  done(): void {
    this.last.push({ type: 'done', count: this.lines.length, bytes: 100, closed: true, buckets: [this.lines.length] });
    this.last.push(null);
  }
}

/** Everything that only waits for promises has happened. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function finding(lines: number[], from = 1): { server: Server; find: LogFind; shown: number[] } {
  const server = new Server(lines);
  const shown: number[] = [];
  return { server, shown, find: new LogFind({ run_id: 1, server, from: () => from, goTo: (n) => shown.push(n) }) };
}

test('the first match at or after the line in view is shown as soon as it is known', async () => {
  const { server, find, shown } = finding([3, 8, 20], 5);
  find.ask({ q: 'x' });
  server.last.push({ type: 'hits', items: [3, 8].map((n, k) => ({ k, n, offset: 0 })) });
  await turn();
  expect([shown, find.at, find.status, find.count]).toEqual([[8], { k: 1, n: 8 }, 'searching', 2]);
  server.done();
  await turn();
  expect([find.status, find.count, find.buckets, shown]).toEqual(['done', 3, [3], [8]]);
});

test('with none below the line in view, the first of the log', async () => {
  const { server, find, shown } = finding([3], 50);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([3]);
});

test('the steps go round', async () => {
  const { server, find, shown } = finding([3, 8, 20]);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([3]);
  for (const by of [-1, 1, 1, 1] as const) await find.step(by);
  expect(shown).toEqual([3, 20, 3, 8, 20]);
});

test('a new question ends the one before, and what still comes of it counts for nothing', async () => {
  const { server, find, shown } = finding([3, 8]);
  find.ask({ q: 'x' });
  const first = server.last;
  find.ask({ q: 'xy' });
  expect(first.signal.aborted).toBe(true);
  first.push({ type: 'done', count: 99, bytes: 100, closed: true, buckets: [99] });
  await turn();
  expect([find.count, find.status, shown]).toEqual([0, 'searching', []]);
});

test('looked for again in a log that has grown, it stays where it is', async () => {
  const { server, find, shown } = finding([3, 8]);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([3]);
  server.lines.push(30);
  find.refresh();
  server.done();
  await expect.poll(() => find.count).toBe(3);
  expect([shown, find.at]).toEqual([[3], { k: 0, n: 3 }]);
});

test('while it is looked for again nothing that was found goes, and nobody is led elsewhere', async () => {
  const { server, find, shown } = finding([3, 8]);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([3]);
  find.refresh();
  server.last.push({ type: 'hits', items: [{ k: 0, n: 3, offset: 0 }] });
  server.last.push({ type: 'progress', count: 1, scanned: 10, bytes: 100 });
  await turn();
  expect([find.status, find.count, find.at, shown]).toEqual(['done', 2, { k: 0, n: 3 }, [3]]);
  server.last.push(null);
  await expect.poll(() => find.problem).toBe('The answer broke off. Search again.');
  expect([find.status, find.count]).toEqual(['done', 2]);
  find.refresh();
  server.done();
  await expect.poll(() => find.problem).toBe('');
});

test('a log that grows while it is looked through is looked through once more', async () => {
  const { server, find } = finding([3]);
  find.ask({ q: 'x' });
  find.refresh();
  find.refresh();
  expect(server.searches).toHaveLength(1);
  server.done();
  await expect.poll(() => server.searches.length).toBe(2);
  server.lines.push(30);
  server.done();
  await expect.poll(() => find.count).toBe(2);
  expect(server.searches).toHaveLength(2);
});

test('a match that came after the last one known is the next one', async () => {
  const { server, find, shown } = finding([3, 8], 5);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([8]);
  server.lines.push(30);
  await find.step(1);
  await find.step(1);
  expect(shown).toEqual([8, 30, 3]);
});

test('while it is not known which match is the last one, none is taken for it', async () => {
  const { server, find, shown } = finding([3, 8, 20]);
  find.ask({ q: 'x' });
  server.last.push({ type: 'hits', items: [{ k: 0, n: 3, offset: 0 }] });
  await expect.poll(() => shown).toEqual([3]);
  await find.step(-1);
  await find.step(1);
  expect(shown).toEqual([3, 8]);
});

test('what the server says against it is said', async () => {
  const { server, find } = finding([]);
  find.ask({ q: '(', mode: 'regex' });
  server.last.push({ type: 'error', code: 'pattern_invalid', message: 'The pattern lacks a ).' });
  server.last.push(null);
  await expect.poll(() => [find.status, find.problem]).toEqual(['failed', 'The pattern lacks a ).']);
});

test('an answer that breaks off is no answer', async () => {
  const { server, find } = finding([3]);
  find.ask({ q: 'x' });
  server.last.push({ type: 'progress', count: 1, scanned: 10, bytes: 100 });
  server.last.push(null);
  await expect.poll(() => find.status).toBe('failed');
  expect(find.problem).toBe('The answer broke off. Search again.');
});

test('what could not be searched is searched again by the next step', async () => {
  const { server, find, shown } = finding([3]);
  find.ask({ q: 'x' });
  server.last.push({ type: 'error', code: 'unavailable', message: 'The server is shutting down.' });
  server.last.push(null);
  await turn();
  expect([find.status, server.searches.length]).toEqual(['failed', 1]);
  await find.step(1);
  expect([find.status, server.searches.length]).toEqual(['searching', 2]);
  server.done();
  await expect.poll(() => [shown, find.status, find.problem]).toEqual([[3], 'done', '']);
  expect(server.last.query.q).toBe('x');
});

test('nothing is looked for', async () => {
  const { server, find } = finding([3]);
  find.ask({ q: 'x' });
  find.ask({ q: '' });
  expect([server.last.signal.aborted, find.status, find.count, find.at]).toEqual([true, 'idle', 0, null]);
  await find.step(1);
  expect(find.at).toBe(null);
});

test('a step that cannot be taken says why and stays', async () => {
  const { server, find, shown } = finding([3, 8]);
  find.ask({ q: 'x' });
  server.done();
  await expect.poll(() => shown).toEqual([3]);
  server.fails = new Error('The server did not answer.');
  await find.step(1);
  expect([find.problem, find.at]).toEqual(['The server did not answer.', { k: 0, n: 3 }]);
});

test('matching lines alone: each once and in order, those around them too, the last one as soon as the first', async () => {
  const matching = Array.from({ length: 30_000 }, (_, i) => 10 + i * 2);
  const server = new Server(matching);
  const rows = new HitRows(server, 1, { q: 'x', mode: 'text', case: 'ignore' }, 1);
  vi.spyOn(server, 'hitLines').mockImplementationOnce(async (...asked) => {
    const found = await Server.prototype.hitLines.apply(server, asked);
    server.fails = new Error('The server did not answer.');
    return found;
  });
  await rows.load();
  expect([rows.count, rows.whole, rows.problem]).toEqual([500, false, 'The server did not answer.']);
  server.fails = null;
  await rows.load();
  expect([rows.count, rows.whole, rows.problem]).toEqual([60_001, true, '']);
  expect(Array.from({ length: rows.count }, (_, i) => rows.row(i))).toEqual(Array.from({ length: 60_001 }, (_, i) => 9 + i));
  expect([rows.indexOf(1), rows.indexOf(11), rows.indexOf(90_000)]).toEqual([0, 2, 60_001]);
});

test('of matching lines that are not shown any more no more are asked for', async () => {
  const rows = new HitRows(new Server(Array.from({ length: 30_000 }, (_, i) => i + 1)), 1, { q: 'x', mode: 'text', case: 'ignore' }, 0);
  const loading = rows.load();
  rows.close();
  await loading;
  expect([rows.count, rows.whole]).toEqual([500, false]);
});

test('matching lines that come later are shown, too, where their place is in view', async () => {
  const server = new Server([10, 20]);
  const rows = new HitRows(server, 1, { q: 'x', mode: 'text', case: 'ignore' }, 0);
  await rows.load();
  expect([rows.count, rows.whole]).toEqual([2, true]);
  server.lines.push(30);
  rows.grown();
  await expect.poll(() => rows.count).toBe(3);
  expect([rows.row(2), rows.whole]).toEqual([30, true]);
});

test('rows that come while others are loaded are asked for after them', async () => {
  const server = new Server([10, 20]);
  const rows = new HitRows(server, 1, { q: 'x', mode: 'text', case: 'ignore' }, 0);
  const loading = rows.load();
  server.lines.push(30);
  rows.grown();
  await loading;
  await expect.poll(() => [rows.count, rows.whole]).toEqual([3, true]);
});
