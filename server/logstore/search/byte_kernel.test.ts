import fc from 'fast-check';
import { expect, it } from 'vitest';
import { feedsIn, firstControl, linesWith, NEEDLE_MOST_BYTES, PART_BYTES } from './byte_kernel.ts';

const isControl = (byte: number): boolean => (byte < 0x20 && byte !== 9 && byte !== 10) || byte === 0x7f || byte === 0xc2;
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.array(fc.constantFrom(10, 65, 66, 97, 98, 32, 200), { maxLength: 200 }).map((list) => Uint8Array.from(list)),
);

function linesNaive(data: Uint8Array, needle: Uint8Array, fold: Uint8Array): [number, number][] {
  const hits: [number, number][] = [];
  let feeds = 0;
  let has = false;
  for (let at = 0; at < data.length; at++) {
    if (data[at] === 10) {
      feeds++;
      has = false;
    } else if (!has && at + needle.length <= data.length && needle.every((byte, i) => ((data[at + i] ?? 0) | (fold[i] ?? 0)) === byte)) {
      hits.push([feeds, at]);
      has = true;
    }
  }
  return hits;
}

function linesFound(data: Uint8Array, needle: Uint8Array, fold: Uint8Array): [number, number][] {
  const hits: [number, number][] = [];
  const feeds = linesWith(data, { bytes: needle, fold }, (...hit) => hits.push(hit));
  expect(feeds).toBe(data.filter((byte) => byte === 10).length);
  return hits;
}

it('finds what a loop over the bytes finds', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.constantFrom(97, 98, 32, 200), { minLength: 1, maxLength: 4 }), fc.boolean(), (data, list, ignore) => {
      const control = data.findIndex(isControl);
      expect(firstControl(data)).toBe(control < 0 ? data.length : control);
      expect(feedsIn(data)).toBe(data.filter((byte) => byte === 10).length);
      const needle = Uint8Array.from(list);
      const fold = needle.map((byte) => (ignore && byte >= 97 && byte <= 122 ? 0x20 : 0));
      expect(linesFound(data, needle, fold)).toEqual(linesNaive(data, needle, fold));
    }),
    { numRuns: 3_000 },
  );
});

it.each([PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 5])('over %d bytes', (length) => {
  const data = new Uint8Array(length).fill(97);
  expect(firstControl(data)).toBe(length);
  expect(feedsIn(data.fill(10))).toBe(length);
  data.fill(97)[length - 1] = 0x1b;
  expect(firstControl(data)).toBe(length - 1);
});

it('puts down as many lines as there can be, and a longest needle in a long line', () => {
  const data = new Uint8Array(PART_BYTES);
  for (let at = 0; at < data.length; at += 2) data.set([97, 10], at);
  expect(linesFound(data, Uint8Array.of(97), Uint8Array.of(0)).length).toBe(PART_BYTES / 2);
  const needle = new Uint8Array(NEEDLE_MOST_BYTES).fill(98);
  const long = new Uint8Array(5 * PART_BYTES).fill(97);
  long.set(needle, long.length - needle.length);
  expect(linesFound(long, needle, new Uint8Array(needle.length))).toEqual([[0, long.length - needle.length]]);
});
