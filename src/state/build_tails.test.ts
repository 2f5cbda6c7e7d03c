import { expect, test, vi } from 'vitest';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import { ProjectId } from '../shared/protocol/ids.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import { BuildTails } from './build_tails.svelte.ts';

function scene(size: () => Promise<number | null>): { tails: BuildTails; watched: Map<number, LogWatcher> } {
  const watched = new Map<number, LogWatcher>();
  const tails = new BuildTails({
    watch(run_id, watcher) {
      watched.set(run_id, watcher);
      return () => void watched.delete(run_id);
    },
    size,
  });
  return { tails, watched };
}

function chunk(run_id: number, text: string, offset = 0): Chunk {
  return {
    kind: 'build_log_chunk',
    at: '2026-11-14T02:03:11.004Z',
    project: ProjectId.parse('hello'),
    run_id,
    seq: 0,
    text,
    offset,
    bytes: text.length,
  };
}

test('of a build under way before anybody looked, only the end is asked for; a later one is read from its beginning', async () => {
  const { tails, watched } = scene(async () => 1_000_000);
  tails.follow([7]);
  await vi.waitFor(() => expect(watched.get(7)?.offset()).toBe(1_000_000 - 4096));
  tails.follow([8]);
  expect([...watched.keys()]).toEqual([8]);
  expect(watched.get(8)?.offset()).toBe(0);
});

test('the last line is shown, and after a new link it goes on where it was', () => {
  const { tails, watched } = scene(async () => 0);
  tails.follow([]);
  tails.follow([7]);
  expect(tails.of(7)).toBeNull();
  watched.get(7)?.chunk(chunk(7, 'one\ntwo\n'));
  expect(tails.of(7)).toBe('two');
  expect(watched.get(7)?.offset()).toBe(8);
});

test('without an answer it is read from the beginning; and not at all when it has gone meanwhile', async () => {
  const { tails, watched } = scene(() => Promise.reject(new Error('silence')));
  tails.follow([7]);
  await vi.waitFor(() => expect(watched.get(7)?.offset()).toBe(0));

  let answer = (_: number): void => undefined;
  const late = scene(() => new Promise((resolve) => (answer = resolve)));
  late.tails.follow([7]);
  late.tails.follow([]);
  answer(5);
  await Promise.resolve();
  expect(late.watched.size).toBe(0);
});
