/** What every event log promises. Each driver's test runs this suite against its own. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { subscribeContract } from './contract_subscribe.ts';
import { aCommit, anEnvelope, appendSizes, failsWith, numbersOf, take } from './contract_words.ts';
import { READ_LIMIT, type EventLog } from './port.ts';

/** @param make a new, empty log. */
export function eventLogContract(make: () => Promise<EventLog>): void {
  let log: EventLog;
  beforeEach(async () => {
    log = await make();
  });
  afterEach(() => log.close());

  describe('append', () => {
    test('an empty log has no last seq_no, floor and head 0, an epoch, and has lost nothing', () => {
      expect(log.lastSeqNo()).toBeNull();
      expect(log.bounds()).toEqual({ floor: 0, head: 0, epoch: expect.stringMatching(/^1-\w+$/) as unknown });
      expect(log.lost).toBeNull();
    });

    test('what was appended is read back as it was, with its version', async () => {
      const answered = aCommit(3, 2, { key: 'k-1', body_hash: 'ab', answer: { status: 'applied', seq_no: 3, run_id: 7 } });
      await log.append([aCommit(1, 2), answered], { expect_head: 0 });
      const [first, second] = await log.readCommits(0, 10);
      expect(second).toEqual({ ...answered, v: PROTOCOL_VERSION });
      expect(first).toEqual({ ...aCommit(1, 2), v: PROTOCOL_VERSION });
      expect(log.lastSeqNo()).toBe(4);
      expect(log.bounds().head).toBe(4);
    });

    test('nothing is appended when there is nothing', async () => {
      await log.append([], { expect_head: 0 });
      expect(log.lastSeqNo()).toBeNull();
    });

    test.each([
      ['the head is another', [aCommit(2)], 0],
      ['the head is expected to be further', [aCommit(3)], 2],
      ['a commit begins after a hole', [aCommit(2), aCommit(4)], 1],
      ['a commit begins before its turn', [aCommit(1)], 1],
      ['a commit is numbered otherwise than its envelopes', [{ first_seq: 3, envelopes: [anEnvelope(2)] }], 1],
      ['an envelope is out of turn', [{ first_seq: 2, envelopes: [anEnvelope(2), anEnvelope(4)] }], 1],
      ['a commit is empty', [aCommit(2), { first_seq: 3, envelopes: [] }], 1],
    ])('conflict, and nothing stored, when %s', async (_, commits, expect_head) => {
      await appendSizes(log, 1);
      await expect(log.append(commits, { expect_head })).rejects.toEqual(failsWith('conflict'));
      expect(log.bounds().head).toBe(1);
      expect(numbersOf((await log.read(0, 10)).envelopes)).toEqual([1]);
      await appendSizes(log, 1);
      expect(log.bounds().head).toBe(2);
    });

    test('of two writers that expect the same head one is refused', async () => {
      const both = await Promise.allSettled([
        log.append([aCommit(1, 2)], { expect_head: 0 }),
        log.append([aCommit(1)], { expect_head: 0 }),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await log.readCommits(0, 10)).toHaveLength(1);
    });
  });

  describe('read', () => {
    test('goes on after a position, within its limit, across and inside commits', async () => {
      await appendSizes(log, 2, 3, 1);
      const parts: [number, number, number[], number][] = [
        [0, 10, [1, 2, 3, 4, 5, 6], 6],
        [0, 3, [1, 2, 3], 3],
        [3, 2, [4, 5], 5],
        [5, 10, [6], 6],
        [6, 10, [], 6],
      ];
      for (const [after, limit, seen, upto] of parts) {
        const read = await log.read(after, limit);
        expect({ after, seen: numbersOf(read.envelopes), upto: read.upto }).toEqual({ after, seen, upto });
      }
    });

    test('filters by project and kind, and says how far it came', async () => {
      await log.append(
        [{ first_seq: 1, envelopes: [anEnvelope(1), anEnvelope(2), anEnvelope(3, 'other'), anEnvelope(4, 'other'), anEnvelope(5)] }],
        { expect_head: 0 },
      );
      const other = await log.read(0, 10, { project: 'other' });
      expect([numbersOf(other.envelopes), other.upto]).toEqual([[3, 4], 5]);
      const one = await log.read(0, 1, { project: 'other' });
      expect([numbersOf(one.envelopes), one.upto]).toEqual([[3], 3]);
      const kinds = await log.read(1, 10, { kinds: ['merge_failure'] });
      expect([numbersOf(kinds.envelopes), kinds.upto]).toEqual([[3, 5], 5]);
      const both = await log.read(0, 10, { project: 'other', kinds: ['backup_fetched', 'no_such_kind'] });
      expect(numbersOf(both.envelopes)).toEqual([4]);
    });

    test('a rare kind in a long log is found by reading on from `upto`', async () => {
      for (let i = 0; i < 6; i++) await appendSizes(log, ...Array.from({ length: 1000 }, () => 1));
      await log.append([{ first_seq: 6001, envelopes: [anEnvelope(6001, 'rare')] }], { expect_head: 6000 });
      const found: number[] = [];
      let reads = 0;
      for (let after = 0; after < log.bounds().head; reads++) {
        const { envelopes, upto } = await log.read(after, 10, { project: 'rare' });
        expect(upto).toBeGreaterThan(after);
        found.push(...numbersOf(envelopes));
        after = upto;
      }
      expect(found).toEqual([6001]);
      expect(reads).toBeGreaterThan(1);
    });

    test.each([0, -1, 1.5, READ_LIMIT + 1])('refuses a limit of %d', async (limit) => {
      await expect(log.read(0, limit)).rejects.toThrow(RangeError);
      await expect(log.readCommits(0, limit)).rejects.toThrow(RangeError);
    });

    test('refuses a position before the floor', async () => {
      await expect(log.read(-1, 10)).rejects.toEqual(failsWith('below_floor'));
      await expect(log.readCommits(-1, 10)).rejects.toEqual(failsWith('below_floor'));
      await expect(log.subscribe('c', { from: 'sequence', after: -1 })).rejects.toEqual(failsWith('below_floor'));
    });

    test('readCommits gives whole commits that begin after a position', async () => {
      await appendSizes(log, 2, 3, 1);
      const firsts = async (after: number, limit: number): Promise<number[]> =>
        (await log.readCommits(after, limit)).map(({ first_seq }) => first_seq);
      expect(await firsts(0, 10)).toEqual([1, 3, 6]);
      expect(await firsts(0, 2)).toEqual([1, 3]);
      expect(await firsts(2, 10)).toEqual([3, 6]);
      expect(await firsts(3, 1)).toEqual([6]);
      expect(await firsts(6, 10)).toEqual([]);
    });
  });

  describe('subscribe', () => subscribeContract(() => log));

  describe('positions of consumers', () => {
    const resumesAt = async (consumer: string): Promise<number | undefined> =>
      (await take(await log.subscribe(consumer, { from: 'last_acknowledged' }), 1))[0];
    beforeEach(() => appendSizes(log, 1, 1, 1, 1));

    test('ack never goes backwards', async () => {
      await log.ack('c', 3);
      await log.ack('c', 1);
      expect(await resumesAt('c')).toBe(4);
    });

    test('seek goes both ways', async () => {
      await log.ack('c', 3);
      await log.seek('c', 1);
      expect(await resumesAt('c')).toBe(2);
      await log.seek('c', 2);
      expect(await resumesAt('c')).toBe(3);
      await log.seek('c', 0);
      expect(await resumesAt('c')).toBe(1);
    });

    test('what is not stored cannot be acknowledged', async () => {
      await expect(log.ack('c', 5)).rejects.toThrow(RangeError);
      await expect(log.seek('c', 5)).rejects.toThrow(RangeError);
      await expect(log.ack('c', -1)).rejects.toThrow(RangeError);
      expect(await resumesAt('c')).toBe(1);
    });
  });

  test('close is idempotent, ends those who wait, and everything after it is refused', async () => {
    await appendSizes(log, 1);
    const subscription = await log.subscribe('c', { from: 'latest' });
    const waiting = expect(subscription.next()).rejects.toEqual(failsWith('closed'));
    await log.close();
    await log.close();
    await waiting;
    for (const use of [
      () => log.append([], { expect_head: 1 }),
      () => log.read(0, 1),
      () => log.readCommits(0, 1),
      () => log.subscribe('c', { from: 'beginning' }),
      () => log.ack('c', 1),
      () => log.seek('c', 0),
    ]) {
      await expect(use()).rejects.toEqual(failsWith('closed'));
    }
  });
}
