import { expect, it } from 'vitest';
import { inOrder, sharesOf } from './shares.ts';

it('shares leave out nothing and overlap nowhere', () => {
  expect(sharesOf(5, 25, 10)).toEqual([
    { from: 5, to: 15 },
    { from: 15, to: 25 },
  ]);
  expect(sharesOf(5, 26, 10).at(-1)).toEqual({ from: 25, to: 26 });
  expect(sharesOf(5, 5, 10)).toEqual([{ from: 5, to: 5 }]);
});

/** Shares whose end the test decides. */
function shares(names = ['a', 'b', 'c', 'd']) {
  const running = new Map<string, { told: (word: string) => void; end: () => void; fail: (error: Error) => void }>();
  const said: string[] = [];
  const aborted: string[] = [];
  const leaving = new AbortController();
  const answer = inOrder<string, string, string>(
    names,
    { at_once: 2, signal: leaving.signal },
    (share, told, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      running.set(share, { told, end: () => resolve(`end of ${share}`), fail: reject });
      signal.addEventListener('abort', () => {
        aborted.push(share);
        reject(signal.reason as Error);
      });
      return promise;
    },
    (word) => said.push(word),
  );
  const of = (share: string): NonNullable<ReturnType<typeof running.get>> => running.get(share)!;
  return { answer, of, running, said, aborted, leaving };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('two run at a time, and what they tell comes in their order', async () => {
  const { answer, of, running, said } = shares();
  expect([...running.keys()]).toEqual(['a', 'b']);
  of('b').told('b1');
  of('a').told('a1');
  expect(said).toEqual(['a1']);
  of('b').end();
  await settled();
  expect([...running.keys()]).toEqual(['a', 'b', 'c']);
  of('c').told('c1');
  of('a').told('a2');
  of('a').end();
  await settled();
  expect(said).toEqual(['a1', 'a2', 'b1', 'c1']);
  of('c').told('c2');
  of('d').told('d1');
  of('d').end();
  of('c').end();
  expect(await answer).toEqual(['a', 'b', 'c', 'd'].map((share) => `end of ${share}`));
  expect(said).toEqual(['a1', 'a2', 'b1', 'c1', 'c2', 'd1']);
});

it('one that fails ends the others, and nothing is handed on any more', async () => {
  const { answer, of, running, said, aborted } = shares();
  of('b').told('b1');
  of('b').fail(new Error('broken'));
  await expect(answer).rejects.toThrow('broken');
  expect(aborted).toEqual(['a', 'b']);
  of('a').told('a1');
  await settled();
  expect(said).toEqual([]);
  expect([...running.keys()]).toEqual(['a', 'b']);
});

it('none runs far ahead of the one whose turn it is', async () => {
  const { of, running } = shares(Array.from('abcdefgh'));
  for (const share of 'bcde') {
    of(share).end();
    await settled();
  }
  expect([...running.keys()]).toEqual(Array.from('abcde'));
  of('a').end();
  await settled();
  expect([...running.keys()].toSorted()).toEqual(Array.from('abcdefg'));
});

it('whoever leaves ends them all, and what was held is not handed on', async () => {
  const { answer, of, said, aborted, leaving } = shares();
  of('b').told('b1');
  leaving.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  expect([aborted, said]).toEqual([['a', 'b'], []]);
});

it.each(['fails', 'is left'])('a lane that waits for the one whose turn it is ends when that one %s', async (how) => {
  const { answer, of, running, leaving } = shares(Array.from('abcdefgh'));
  const ended = expect(answer).rejects.toThrow('over');
  for (const share of 'bcde') {
    of(share).end();
    await settled();
  }
  if (how === 'fails') of('a').fail(new Error('over'));
  else leaving.abort(new Error('over'));
  await ended;
  // A lane that spins on what is settled lets no timer run.
  await new Promise((resolve) => setTimeout(resolve));
  expect([...running.keys()]).toEqual(Array.from('abcde'));
});
