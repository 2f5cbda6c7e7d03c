import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, Incoming } from './incoming.ts';
import { decodeLossy } from './utf8_cut.ts';

/** All that can be taken, copied in time. */
function taken(incoming: Incoming, last: boolean): Buffer[] {
  const pieces: Buffer[] = [];
  for (let data = incoming.take(last); data !== null; data = incoming.take(last)) pieces.push(Buffer.from(data));
  return pieces;
}

test('for any writes it gives what was put, whole characters at a time, also where a block ends', () => {
  const text = fc.constantFrom('a', '€', '🚂', 'é');
  const fill = fc.nat({ max: 4 }).map((less) => Buffer.alloc(BLOCK_BYTES - less, 'x'));
  const bytes = fc.array(text, { maxLength: 6 }).map((parts) => Buffer.from(parts.join('')));
  const write = fc.oneof({ weight: 6, arbitrary: bytes }, { weight: 1, arbitrary: fill });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 8 }), fc.array(fc.nat()), fc.array(fc.boolean()), (writes, cuts, takes) => {
      const whole = Buffer.concat(writes);
      const borders = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
      const incoming = new Incoming(() => false);
      const pieces: Buffer[] = [];
      for (const [at, from] of borders.entries()) {
        const data = Buffer.from(whole.subarray(from, borders[at + 1] ?? whole.length));
        incoming.put(data);
        data.fill('?');
        if (takes[at] === true) pieces.push(...taken(incoming, false));
        expect(incoming.bytes).toBe((borders[at + 1] ?? whole.length) - pieces.reduce((sum, { length }) => sum + length, 0));
      }
      pieces.push(...taken(incoming, true));
      expect(Buffer.concat(pieces).equals(whole)).toBe(true);
      expect(pieces.map(decodeLossy).join('') === decodeLossy(whole)).toBe(true);
      expect([incoming.bytes, incoming.ready]).toEqual([0, false]);
    }),
    { numRuns: 200 },
  );
});

test('the beginning of a character alone is not ready, and is given at the end', () => {
  const incoming = new Incoming(() => false);
  incoming.put(Buffer.from('€').subarray(0, 2));
  expect([incoming.ready, incoming.bytes, incoming.take(false)]).toEqual([false, 2, null]);
  expect(incoming.take(true)).toHaveLength(2);
});

test('memory that is let go is used again, held memory is not touched', () => {
  const held = new Set<ArrayBufferLike>();
  const incoming = new Incoming((memory) => held.has(memory));
  const pieces: Buffer[] = [];
  const takeOne = (fill: string): Buffer => {
    incoming.put(Buffer.alloc(BLOCK_BYTES, fill));
    const data = incoming.take(false);
    if (data === null) throw new Error('nothing to take');
    held.add(data.buffer);
    pieces.push(data);
    return data;
  };
  const [a, b, c] = [takeOne('a'), takeOne('b'), takeOne('c')];
  expect(new Set([a.buffer, b.buffer, c.buffer]).size).toBe(3);
  expect([a, b, c].map((data) => String(data.subarray(0, 1)))).toEqual(['a', 'b', 'c']);
  held.delete(a.buffer);
  expect(takeOne('d').buffer).toBe(a.buffer);
  expect(String(b.subarray(0, 1))).toBe('b');
});
