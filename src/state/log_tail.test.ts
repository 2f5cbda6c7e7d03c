import { beforeEach, expect, test } from 'vitest';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import { AT } from '../transport/frames_for_tests.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import { LOAD_BYTES, LogTail, TAIL_BYTES } from './log_tail.svelte.ts';

let frames: (() => void)[];
let watching: LogWatcher | null;
let rewatched: number;
let file: Uint8Array;
let tail: LogTail;
const frame = (): void => frames.splice(0).forEach((run) => run());
const text = (): string[] =>
  Array.from({ length: tail.document.rows }, (_, i) => {
    const row = tail.document.row(i);
    return row.type === 'line' ? row.raw : `[${row.gap.from}-${row.gap.to}]`;
  });
const chunk = (offset: number, content: string): Chunk =>
  ({ kind: 'gate_log_chunk', at: AT, project: 'hello', run_id: 42, seq: 0, text: content, offset, bytes: content.length }) as Chunk;

beforeEach(() => {
  frames = [];
  watching = null;
  rewatched = 0;
  file = new TextEncoder().encode('');
  tail = new LogTail(42, {
    watch: (_, watcher) => {
      watching = watcher;
      return () => (watching = null);
    },
    rewatch: () => rewatched++,
    size: async () => file.length,
    bytes: async (_, { from, to }) => file.slice(from, to),
    schedule: (run) => (frames.push(run), () => frames.splice(frames.indexOf(run), 1)),
  });
});

test('chunks become rows once a frame; after a reconnect it goes on from its offset', async () => {
  await tail.open();
  expect(watching?.offset()).toBe(0);
  watching?.chunk(chunk(0, 'a\n'));
  watching?.chunk(chunk(2, 'b\n'));
  expect(frames).toHaveLength(1);
  const before = tail.version;
  frame();
  expect(tail.version).toBe(before + 1);
  expect(text()).toEqual(['a', 'b']);
  expect(watching?.offset()).toBe(4);
  watching?.chunk(chunk(2, 'b\n'));
  expect(text()).toEqual(['a', 'b']);
});

test('a chunk that overlaps is asked for again from the end', async () => {
  await tail.open();
  watching?.chunk(chunk(0, 'abc\n'));
  watching?.chunk(chunk(2, 'c\nd\n'));
  expect(rewatched).toBe(1);
  expect(text()).toEqual(['abc']);
});

test('a long log begins with a whole line near its end; the rest can be loaded', async () => {
  const line = 'x'.repeat(99) + '\n';
  file = new TextEncoder().encode(line.repeat(Math.ceil((TAIL_BYTES * 1.5) / line.length)));
  await tail.open();
  const from = watching!.offset();
  expect(from).toBeGreaterThanOrEqual(file.length - TAIL_BYTES);
  expect(from % line.length).toBe(0);
  watching?.chunk(chunk(from, line));
  expect(text()).toEqual([`[0-${from}]`, line.trimEnd()]);
  await tail.load({ from: 0, to: from });
  expect(text()[0]).toBe(`[0-${from - LOAD_BYTES}]`);
  expect(tail.loading).toBeNull();
  expect(tail.problem).toBe('');
});

test('loading does not begin inside a character', async () => {
  file = new TextEncoder().encode('é'.repeat(LOAD_BYTES));
  await tail.open();
  watching?.gap(0, file.length - 1);
  await tail.load({ from: 0, to: file.length - 1 });
  expect(text()[1]?.startsWith('é')).toBe(true);
});

test('what could not be loaded is said, and stays a gap', async () => {
  await tail.open();
  watching?.gap(0, 100);
  file = new Uint8Array(10);
  await tail.load({ from: 0, to: 100 });
  expect(tail.problem).toBe('Not loaded. The server sent 10 of 100 bytes.');
  expect(text()).toEqual(['[0-100]']);
});

test('the end says what did not come', async () => {
  await tail.open();
  watching?.chunk(chunk(0, 'a\n'));
  watching?.end(10);
  expect(tail.ended).toBe(true);
  expect(text()).toEqual(['a', '[2-10]']);
});

test('closed before it was open, it watches nothing', async () => {
  const opening = tail.open();
  tail.close();
  await opening;
  expect(watching).toBeNull();
  tail.close();
});
