import { expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { STALLED_AFTER_MS, takenWithin } from './taken_within.ts';

/** Keeps the timers that are set. */
function timers(): { clock: Clock; set: { ms: number; then: () => void }[] } {
  const set: { ms: number; then: () => void }[] = [];
  const after = (ms: number, then: () => void): (() => void) => {
    const timer = { ms, then };
    set.push(timer);
    return () => void set.splice(set.indexOf(timer), 1);
  };
  return { clock: { now: () => 1_000, steady: () => 1_000, wakeAt: () => () => undefined, after }, set };
}

async function* pieces(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}

it('tells of a piece that is not taken, and of none that is', async () => {
  const { clock, set } = timers();
  let stalled = 0;
  const given = takenWithin(pieces(), clock, () => stalled++);
  expect(set).toEqual([]);
  expect(await given.next()).toEqual({ done: false, value: 'a' });
  expect(set.map(({ ms }) => ms)).toEqual([STALLED_AFTER_MS]);
  expect(await given.next()).toEqual({ done: false, value: 'b' });
  expect(set).toHaveLength(1);
  set[0]?.then();
  expect(stalled).toBe(1);
  expect(await given.next()).toMatchObject({ done: true });
  expect(set).toEqual([]);
});

it('waits for nobody who has left', async () => {
  const { clock, set } = timers();
  const given = takenWithin(pieces(), clock, () => undefined);
  await given.next();
  await given.return(undefined);
  expect(set).toEqual([]);
});
