import { expect, it } from 'vitest';
import { progressLines } from './start_progress.ts';

const URL = 'http://127.0.0.1:7766';

it('says nothing of a quick start, and of a long one where and how far it is, every two seconds', () => {
  const said: string[] = [];
  let now_ms = 0;
  const tell = progressLines({ out: (line) => void said.push(line) }, () => now_ms);
  for (const [at_ms, done] of [
    [0, 0],
    [999, 10_000],
    [1_000, 20_000],
    [2_999, 30_000],
    [3_000, 340_000],
  ] as const) {
    now_ms = at_ms;
    tell({ step: 'reading', done, total: 1_000_000 }, URL);
  }
  now_ms = 6_000;
  tell({ step: 'settling', done: 1_000_000, total: 1_000_000 }, URL);
  now_ms = 9_000;
  tell({ step: 'settling', done: 1_000_000, total: 1_000_000 }, URL);
  expect(said).toEqual([
    `Reading history: 20,000 of 1,000,000 events. ${URL} says how far it is.`,
    'Reading history: 340,000 of 1,000,000 events.',
    'Settling what was under way when the server stopped.',
  ]);
});
