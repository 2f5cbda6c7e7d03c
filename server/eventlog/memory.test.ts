import { describe, expect, test } from 'vitest';
import { eventLogContract } from './contract.ts';
import { aCommit, appendSizes, failsWith } from './contract_words.ts';
import { memoryEventLog } from './memory.ts';

describe('the event log in memory', () => {
  eventLogContract(async () => memoryEventLog());

  test('as if trimmed, goes on after its floor and refuses what is below', async () => {
    const log = memoryEventLog({ floor: 10, epoch: '3-x' });
    expect(log.bounds()).toEqual({ floor: 10, head: 10, epoch: '3-x' });
    await appendSizes(log, 2);
    expect((await log.read(10, 10)).upto).toBe(12);
    await expect(log.read(9, 10)).rejects.toEqual(failsWith('below_floor'));
    await expect(log.subscribe('c', { from: 'sequence', after: 9 })).rejects.toEqual(failsWith('below_floor'));
    expect((await (await log.subscribe('c', { from: 'beginning' })).next()).first_seq).toBe(11);
  });

  test('a loss is there until a history_gap is stored', async () => {
    const lost = { from: 1, to: 3, why: 'a test' };
    const log = memoryEventLog({ lost });
    await appendSizes(log, 1);
    expect(log.lost).toEqual(lost);
    const gap = { ...aCommit(2).envelopes[0]!, kind: 'history_gap', ...lost };
    await log.append([{ first_seq: 2, envelopes: [gap] }], { expect_head: 1 });
    expect(log.lost).toBeNull();
  });
});
