import { describe, expect, test } from 'vitest';
import { Ring } from './ring.ts';

describe('Ring', () => {
  test('keeps the newest events at their positions', () => {
    const ring = new Ring<string>(2);
    for (const event of ['a', 'b', 'c']) ring.push(event);
    expect([ring.oldest, ring.next]).toEqual([1, 3]);
    expect([ring.at(1), ring.at(2)]).toEqual(['b', 'c']);
  });

  test('gives no event for a position that is not retained', () => {
    const ring = new Ring<string>(2);
    expect(() => ring.at(0)).toThrow(RangeError);
    for (const event of ['a', 'b', 'c']) ring.push(event);
    expect(() => ring.at(0)).toThrow(RangeError);
    expect(() => ring.at(3)).toThrow(RangeError);
  });

  test.each([2 ** 31 - 3, 2 ** 32 - 3, 2 ** 45 - 3])('keeps counting past position %d', (first) => {
    const ring = new Ring<number>(4, first);
    for (let i = 0; i < 8; i++) ring.push(i);
    expect(ring.oldest).toBe(first + 4);
    expect([4, 5, 6, 7].map((i) => ring.at(first + i))).toEqual([4, 5, 6, 7]);
  });

  test.each([0, 3, 255, -4, 1.5, 2 ** 31])('refuses a capacity of %d', (capacity) => {
    expect(() => new Ring(capacity)).toThrow(RangeError);
  });
});
