/** The part of the contract that is about subscriptions: stored first, then live, without a seam. */
import { expect, test } from 'vitest';
import { appendSizes, failsWith, take } from './contract_words.ts';
import type { EventLog } from './port.ts';

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** @param log the empty log of the running test. */
export function subscribeContract(log: () => EventLog): void {
  test('from the beginning replays everything, then goes on live', async () => {
    await appendSizes(log(), 2, 1);
    const subscription = await log().subscribe('c', { from: 'beginning' });
    expect(await take(subscription, 2)).toEqual([1, 2, 3]);
    const next = take(subscription, 2);
    await appendSizes(log(), 1, 2);
    expect(await next).toEqual([4, 5, 6]);
  });

  test('from the latest sees only what comes', async () => {
    await appendSizes(log(), 3);
    const subscription = await log().subscribe('c', { from: 'latest' });
    await appendSizes(log(), 1);
    expect(await take(subscription, 1)).toEqual([4]);
  });

  test('after a sequence; inside a commit it begins with that commit, so that nothing is missed', async () => {
    await appendSizes(log(), 2, 3, 1);
    expect(await take(await log().subscribe('c', { from: 'sequence', after: 2 }), 1)).toEqual([3, 4, 5]);
    expect(await take(await log().subscribe('c', { from: 'sequence', after: 3 }), 1)).toEqual([3, 4, 5]);
  });

  test('from the last acknowledged: the beginning at first, then after it', async () => {
    await appendSizes(log(), 1, 1, 1);
    expect(await take(await log().subscribe('c', { from: 'last_acknowledged' }), 1)).toEqual([1]);
    await log().ack('c', 2);
    expect(await take(await log().subscribe('c', { from: 'last_acknowledged' }), 1)).toEqual([3]);
    expect(await take(await log().subscribe('another', { from: 'last_acknowledged' }), 1)).toEqual([1]);
  });

  test('while appends go on: no hole, nothing twice, for readers that begin at any time', async () => {
    const total = 300;
    const readers: Promise<number[]>[] = [];
    const readAll = async (after: number): Promise<number[]> => {
      const subscription = await log().subscribe('c', { from: 'sequence', after });
      const seen: number[] = [];
      while (seen.at(-1) !== total) seen.push(...(await take(subscription, 1)));
      return seen;
    };
    for (let head = 0; head < total; head += 3) {
      if (head % 30 === 0) readers.push(readAll(0), readAll(head));
      await appendSizes(log(), 2, 1);
    }
    const seen = await Promise.all(readers);
    for (const [index, each] of seen.entries()) expect(each).toEqual(upTo(total, index % 2 === 0 ? 1 : each[0]));
    expect(seen.filter((_, index) => index % 2 === 1).map((each) => each[0])).toEqual(upTo(10).map((n) => (n - 1) * 30 + 1));
  });

  test('two that wait on one subscription get one commit each', async () => {
    const subscription = await log().subscribe('c', { from: 'beginning' });
    const both = Promise.all([subscription.next(), subscription.next()]);
    await appendSizes(log(), 1, 1);
    expect((await both).map(({ first_seq }) => first_seq)).toEqual([1, 2]);
  });

  test('an aborted wait rejects with the reason and loses nothing', async () => {
    const subscription = await log().subscribe('c', { from: 'beginning' });
    const gone = new AbortController();
    const waiting = subscription.next(gone.signal);
    gone.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(subscription.next(gone.signal)).rejects.toThrow('enough');
    await appendSizes(log(), 1);
    expect(await take(subscription, 1)).toEqual([1]);
  });

  test('close ends it, one that waits included, and no other', async () => {
    const [subscription, other] = [await log().subscribe('c', { from: 'beginning' }), await log().subscribe('c', { from: 'beginning' })];
    const waiting = expect(subscription.next()).rejects.toEqual(failsWith('closed'));
    const otherWaits = other.next();
    subscription.close();
    subscription.close();
    await waiting;
    await appendSizes(log(), 1);
    await expect(subscription.next()).rejects.toEqual(failsWith('closed'));
    expect((await otherWaits).first_seq).toBe(1);
  });
}
