import { expect, test } from 'vitest';
import { PLACES_IN_WORDS } from '../logview/place_asked.ts';
import { LogGoing, type LogGoingDeps } from './log_going.svelte.ts';

const START = Date.parse('2026-11-29T02:00:00Z');

function scene(
  lines: number,
  place: LogGoingDeps['book']['place'] = async (place) => ('at' in place && Object.keys(place).length === 1 ? 7 : null),
): { going: LogGoing; said: string[] } {
  const said: string[] = [];
  const going = new LogGoing({
    book: { lines, place },
    start: () => START,
    show: (n) => said.push(`line ${n}`),
    ended: () => said.push('ended'),
  });
  going.ask();
  return { going, said };
}

test('to a line at once, to a time by asking the server; then it is asked no more', async () => {
  const { going, said } = scene(100);
  await going.go('42');
  expect([going.open, said]).toEqual([false, ['ended', 'line 42']]);
  going.ask();
  await going.go('+1:30');
  expect(said).toEqual(['ended', 'line 42', 'ended', 'line 7']);
});

test('what is no place, a log without lines and an answer that does not come are told', async () => {
  const { going, said } = scene(100, () => Promise.reject(new Error('The server did not answer.')));
  await going.go('somewhere');
  expect(going.problem).toBe(PLACES_IN_WORDS);
  await going.go('+5m');
  expect([going.problem, going.open, said]).toEqual(['The server did not answer.', true, []]);
  const empty = scene(0);
  await empty.going.go('1');
  expect(empty.going.problem).toBe('The log has no line yet.');
});

test('ended meanwhile it leads nowhere', async () => {
  const answer = Promise.withResolvers<number>();
  const { going, said } = scene(100, () => answer.promise);
  const going_there = going.go('+5m');
  expect(going.end()).toBe(true);
  expect(going.end()).toBe(false);
  answer.resolve(9);
  await going_there;
  expect(said).toEqual(['ended']);
});
