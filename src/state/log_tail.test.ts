import { beforeEach, expect, test } from 'vitest';
import { LogInMemory } from '../logview/log_server_for_tests.ts';
import type { ChunkText } from '../logview/log_lane.ts';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import { AT } from '../transport/frames_for_tests.ts';
import { ApiError } from '../transport/http_json.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import { LogTail, OPEN_AGAIN_MS } from './log_tail.svelte.ts';

let frames: (() => void)[];
let watching: LogWatcher | null;
let rewatched: number;
let waiting: { ms: number; run: () => void }[];
let log: LogInMemory;
let tail: LogTail;
const frame = (): void => frames.splice(0).forEach((run) => run());
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const text = (): string[] =>
  Array.from({ length: tail.book.lines }, (_, i) => {
    const line = tail.book.line(i + 1);
    return line.type === 'line' ? line.raw : line.type;
  });
const send = ({ offset, bytes, text: content, line }: ChunkText): void =>
  watching?.chunk({ kind: 'gate_log_chunk', at: AT, project: 'hello', run_id: 42, seq: 0, text: content, offset, bytes, line } as Chunk);

beforeEach(() => {
  frames = [];
  watching = null;
  rewatched = 0;
  waiting = [];
  log = new LogInMemory();
  tail = new LogTail(42, {
    watch: (_, watcher) => {
      watching = watcher;
      return () => (watching = null);
    },
    rewatch: () => rewatched++,
    server: log,
    size: async () => log.bytes,
    schedule: (run) => (frames.push(run), () => frames.splice(frames.indexOf(run), 1)),
    after(ms, run) {
      const timer = { ms, run };
      waiting.push(timer);
      return () => (waiting = waiting.filter((other) => other !== timer));
    },
  });
});

test('chunks become lines once a frame; after a reconnect it goes on from its offset', async () => {
  await tail.open();
  frame();
  expect(watching?.offset()).toBe(0);
  const before = tail.version;
  const [a, b] = [log.write('a\n'), log.write('b\n')];
  send(a);
  send(b);
  expect(frames).toHaveLength(1);
  frame();
  expect(tail.version).toBe(before + 1);
  expect(text()).toEqual(['a', 'b']);
  expect(watching?.offset()).toBe(4);
  send(b);
  expect(text()).toEqual(['a', 'b']);
});

test('a chunk that overlaps is asked for again from the end', async () => {
  await tail.open();
  send(log.write('abc\n'));
  send({ offset: 2, bytes: 4, text: 'c\nd\n', line: 1, at: null });
  expect(rewatched).toBe(1);
  expect(text()).toEqual(['abc']);
});

test('without an answer it says why and is opened again later, and not read from its beginning', async () => {
  log.write('a line of a log that is long\n'.repeat(9_500));
  log.broken = new Error('The server did not answer.');
  await tail.open();
  expect([tail.problem, watching, tail.known]).toEqual(['The server did not answer.', null, false]);
  let known = false;
  void tail.opened.then(() => (known = true));
  waiting.shift()?.run();
  await answered();
  expect([waiting.map(({ ms }) => ms), known]).toEqual([[2 * OPEN_AGAIN_MS], false]);
  log.broken = null;
  waiting.shift()?.run();
  await answered();
  expect([tail.problem, waiting, known, tail.known]).toEqual(['', [], true, true]);
  expect(watching?.offset()).toBe(log.all().at(-1)?.offset);
});

test('closed, it is not opened again', async () => {
  log.broken = new Error('The server did not answer.');
  await tail.open();
  tail.close();
  expect(waiting).toEqual([]);
});

test('on a new link what came meanwhile is left out when it is long, and can be looked at', async () => {
  await tail.open();
  send(log.write('a\n'));
  log.write('b\n');
  await tail.relinked();
  expect(watching?.offset()).toBe(2);
  log.write('a line of a log that is long\n'.repeat(9_500));
  await tail.relinked();
  await answered();
  expect(watching?.offset()).toBe(log.bytes);
  expect(tail.book.lines).toBe(9_502);
  expect(tail.book.line(9_502).type).toBe('waiting');
  // Of the first line that comes it is not known whether it is whole.
  for (const line of ['c\n', 'd\n']) send(log.write(line));
  await expect.poll(() => text().slice(-2)).toEqual(['waiting', 'd']);
  log.broken = new Error('The server did not answer.');
  await tail.relinked();
  expect(watching?.offset()).toBe(log.bytes);
});

test('the end says what did not come, and asks for the hash', async () => {
  await tail.open();
  send(log.write('a\n'));
  log.write('b\nc\n');
  log.closed = true;
  watching?.end(log.bytes);
  expect(tail.ended).toBe(true);
  expect(tail.book.uncounted).toBe(4);
  await answered();
  expect(text()).toEqual(['a', 'waiting', 'waiting']);
  expect(tail.book.stat?.closed).toBe(true);
});

test('closed before it was open, it watches nothing, and nothing is painted after', async () => {
  const opening = tail.open();
  tail.close();
  await opening;
  expect(watching).toBeNull();
  expect(frames).toEqual([]);
  tail.close();
});

test('a log that was deleted says so, and is not watched', async () => {
  log.broken = new ApiError(410, 'log_deleted', 'Log deleted after 30 days; outcome and hash kept.');
  await tail.open();
  expect(tail.deleted).toBe('Log deleted after 30 days; outcome and hash kept.');
  expect([watching, tail.problem]).toEqual([null, '']);
});

test('knows when output came last', async () => {
  await tail.open();
  expect(tail.last_at).toBe(null);
  send(log.write('a\n'));
  expect(tail.last_at).toBe(Date.parse(AT));
});
