import { expect, test } from 'vitest';
import type { HistoryGap } from '../shared/fold/state.ts';
import { History } from './history.svelte.ts';

const gap = (at: string, from: number, to: number): HistoryGap => ({ from, to, why: 'the log ended early', at });
const FIRST = gap('2026-11-14T02:03:11.000Z', 1_204, 1_310);
const SECOND = gap('2026-11-15T02:03:11.000Z', 1_400, 1_399);

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

test('a loss is said until it was read, and not again in this browser', () => {
  const kept = storage();
  const history = new History(kept, () => [FIRST]);
  expect(history.notices).toEqual(['Events 1,204 to 1,310 were lost on the server: the log ended early. The panel shows what remains.']);
  history.read();
  expect(history.notices).toEqual([]);
  expect(new History(kept, () => [FIRST]).notices).toEqual([]);
});

test('a later one is said, and an empty range is not told as a range', () => {
  const kept = storage();
  new History(kept, () => [FIRST]).read();
  expect(new History(kept, () => [FIRST, SECOND]).notices).toEqual([
    'Events after 1,399 may be lost on the server: the log ended early. The panel shows what remains.',
  ]);
});

test('another history without a loss that is told is said too, once', () => {
  const history = new History(null, () => []);
  history.another();
  expect(history.notices).toEqual([
    'The server has another event log than before: it was restored or begun anew. The panel shows what remains.',
  ]);
  history.read();
  expect(history.notices).toEqual([]);
  history.another();
  expect(history.notices).toHaveLength(1);
});

test('a storage that is forbidden or full keeps it for this page', () => {
  const fails = (): never => {
    throw new Error('forbidden');
  };
  const history = new History({ getItem: fails, setItem: fails }, () => [FIRST]);
  history.read();
  expect(history.notices).toEqual([]);
});
