import { expect, test } from 'vitest';
import { chosenLines, lineHash, movedTo } from './line_address.ts';

test.each([
  ['#L12', { from: 12, to: 12, offset: null }],
  ['#L12-20', { from: 12, to: 20, offset: null }],
  ['#L20-12', { from: 12, to: 20, offset: null }],
  ['#L12@34567', { from: 12, to: 12, offset: 34_567 }],
  ['#L12-20@0', { from: 12, to: 20, offset: 0 }],
  ['', null],
  ['#L0', null],
  ['#L12-', null],
  ['#L12@', null],
  ['#L12@-1', null],
  ['#L12@1x', null],
  ['#top', null],
])('%s', (hash, chosen) => expect(chosenLines(hash)).toEqual(chosen));

test.each(['#L5', '#L2-5', '#L2-5@700', '#L1@0'])('%s is written as it is read', (hash) => {
  const chosen = chosenLines(hash);
  expect(chosen && lineHash(chosen, chosen.offset)).toBe(hash);
});

test('as many lines as before, from where the byte is', () => expect(movedTo({ from: 12, to: 20 }, 15)).toEqual({ from: 15, to: 23 }));
