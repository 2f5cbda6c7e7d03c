import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { characterStart, cutPieces, decodeLossy, unfinished } from './utf8_cut.ts';

/** Mostly broken: leads, continuations, forbidden bytes and ASCII in equal parts, and a byte order mark now and then. */
const byte = fc.constantFrom(
  0x41,
  0x0a,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbf,
  0xc0,
  0xc2,
  0xdf,
  0xe0,
  0xe2,
  0xed,
  0xef,
  0xbb,
  0xf0,
  0xf4,
  0xf5,
  0xff,
);
const bytes = fc.array(byte, { maxLength: 60 }).map((list) => Buffer.from(list));

describe('cutting', () => {
  test.each([
    ['nothing', [], 0],
    ['ASCII', [0x41], 0],
    ['one of two', [0x41, 0xc3], 1],
    ['two of two', [0xc3, 0xa4], 0],
    ['two of three', [0xe2, 0x82], 2],
    ['three of four', [0xf0, 0x9f, 0x9a], 3],
    ['four of four', [0xf0, 0x9f, 0x9a, 0xa6], 0],
    ['a second byte that breaks it', [0xe0, 0x9f], 0],
    ['a surrogate', [0xed, 0xa0], 0],
    ['beyond the last character', [0xf4, 0x90], 0],
    ['a stray continuation', [0x80, 0x80], 0],
  ])('an end that is %s', (_what, list, expected) => {
    expect(unfinished(Buffer.from(list))).toBe(expected);
  });

  test('pieces decode to what the whole decodes to, for any bytes and any size', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 4, max: 12 }), (data, size) => {
        const pieces = cutPieces(data, size);
        expect(Buffer.concat(pieces).equals(data)).toBe(true);
        expect(pieces.every((piece) => piece.length > 0 && piece.length <= size)).toBe(true);
        expect(pieces.map(decodeLossy).join('')).toBe(decodeLossy(data));
      }),
      { numRuns: 3000 },
    );
  });

  test('holding back the unfinished end and decoding on gives the same text for any split', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (parts) => {
        let held: Buffer = Buffer.alloc(0);
        let text = '';
        for (const part of parts) {
          const all = Buffer.concat([held, part]);
          const end = all.length - unfinished(all);
          text += decodeLossy(all.subarray(0, end));
          held = all.subarray(end);
        }
        expect(text + decodeLossy(held)).toBe(decodeLossy(Buffer.concat(parts)));
      }),
      { numRuns: 3000 },
    );
  });

  test('the start of a character is a border, at most three bytes back', () => {
    fc.assert(
      fc.property(bytes, fc.nat(60), (data, place) => {
        const at = Math.min(place, data.length);
        const start = characterStart(data, at);
        expect(at - start).toBeGreaterThanOrEqual(0);
        expect(at - start).toBeLessThanOrEqual(3);
        expect(decodeLossy(data.subarray(0, start)) + decodeLossy(data.subarray(start))).toBe(decodeLossy(data));
      }),
    );
    expect(characterStart(Buffer.from('a€b'), 3)).toBe(1);
    expect(characterStart(Buffer.from('a€b'), 4)).toBe(4);
  });
});
