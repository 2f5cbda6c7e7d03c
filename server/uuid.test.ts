import { expect, test } from 'vitest';
import { idSource, systemRandom, uuidv7 } from './uuid.ts';

test('gives the example of RFC 9562, appendix A.6', () => {
  const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
  expect(uuidv7(0x017f22e279b0, () => random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('sets version and variant whatever the randomness says', () => {
  expect(uuidv7(0, (count) => new Uint8Array(count).fill(0xff))).toBe('00000000-0000-7fff-bfff-ffffffffffff');
  expect(uuidv7(0, (count) => new Uint8Array(count))).toBe('00000000-0000-7000-8000-000000000000');
});

test('sorts by time as text', () => {
  const ids = [1, 255, 256, 1_700_000_000_000, 1_700_000_000_001].map((ms) => uuidv7(ms, systemRandom));
  expect(ids.toSorted()).toEqual(ids);
});

test('a source makes the ids that were made one by one from the same randomness, across its border of 64', () => {
  let count = 0;
  const counting = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, () => ((count = Math.imul(count, 1_103_515_245) + 12_345) >>> 16) & 255);
  const times = Array.from({ length: 200 }, (_, i) => 1_700_000_000_000 + Math.floor(i / 7));
  const next = idSource(counting);
  const many = times.map((ms) => next(ms));
  count = 0;
  expect(many).toEqual(times.map((ms) => uuidv7(ms, counting)));
  expect(new Set(many).size).toBe(many.length);
});

test('the system gives as many bytes as asked, and none twice', () => {
  expect([0, 1, 10, 65_536, 100_000].map((count) => systemRandom(count).length)).toEqual([0, 1, 10, 65_536, 100_000]);
  const seen = new Set(Array.from({ length: 5_000 }, () => Buffer.from(systemRandom(10)).toString('hex')));
  expect(seen.size).toBe(5_000);
});
