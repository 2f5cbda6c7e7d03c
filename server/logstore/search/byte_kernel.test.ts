import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stripBytes } from '../../../src/shared/output/strip_bytes.ts';
import { BLOCK_ROOM, feedsIn, linesWith, PART_BYTES, shownOf } from './byte_kernel.ts';
import { PLACES_MOST } from './kernel_memory.ts';
import type { Needle, Sequence } from './needle.ts';

const E = '\u001b';
const piece = fc.constantFrom(
  'a',
  'b',
  'A',
  'é',
  ' ',
  '\n',
  '\r',
  `${E}[31m`,
  `${E}[1G`,
  `${E}[G`,
  `${E}[`,
  E,
  `${E}]8;;ab${E}\\`,
  `${E}]0;b\u0007`,
  '\u0007',
  '«',
  '\u0085',
);
const bytes = fc
  .array(
    fc.oneof({ weight: 10, arbitrary: piece.map((text) => Buffer.from(text)) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) }),
    {
      maxLength: 100,
    },
  )
  .map((parts) => Buffer.concat(parts));
const whole = (text: string): Sequence => [...Buffer.from(text)].map((byte) => [byte]);
/** Characters are whole, and only those of ASCII are in sets. */
const sequences: fc.Arbitrary<Sequence> = fc
  .array(
    fc.oneof(
      fc.subarray([...Buffer.from('abA ')], { minLength: 1, maxLength: 3 }).map((set) => [set]),
      fc.constantFrom('a', 'b', 'é', '«').map(whole),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.flat());
const needles: fc.Arbitrary<Needle> = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', ' ', '«'), { minLength: 1, maxLength: 4 }).map((list) => needleOf(list.join(''))),
  fc.array(sequences, { minLength: 1, maxLength: 8 }),
);

function needleOf(...texts: (string | Uint8Array)[]): Needle {
  return texts.map((text) => [...Buffer.from(text as string)].map((byte) => [byte]));
}

/** The first place of the needle in each line, by the number of the line. */
function placesIn(data: Uint8Array, needle: Needle): Map<number, number> {
  const places = new Map<number, number>();
  for (let at = 0, n = 0; at < data.length; at++) {
    const is = needle.some((sequence) => sequence.every((set, i) => set.includes(data[at + i] ?? -1)));
    if (is && !places.has(n)) places.set(n, at);
    if (data[at] === 10) n++;
  }
  return places;
}

function found(data: Uint8Array, needle: Needle): { n: number; at: number; sure: boolean }[] {
  const hits: { n: number; at: number; sure: boolean }[] = [];
  const feeds = linesWith(data, needle, (n, at, sure) => hits.push({ n, at, sure }));
  expect(feeds).toBe(data.filter((byte) => byte === 10).length);
  return hits;
}

/** In a room, with something before and behind it. @param from where in the room. */
function inRoom(data: Buffer, from: number): Buffer {
  BLOCK_ROOM.fill('ab\u001b', 0, data.length + 100);
  data.copy(BLOCK_ROOM, from);
  return BLOCK_ROOM.subarray(from, from + data.length);
}
/** Not in a room, behind text, behind an ESC. */
const ROOMS = [0, 2, 3];

it.each(ROOMS)('what is shown is what stripping leaves (in a room: %s)', (from) => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect([...shownOf(from > 0 ? inRoom(data, from) : data)]).toEqual([...stripBytes(data)]);
      expect(feedsIn(data)).toBe(data.filter((byte) => byte === 10).length);
    }),
    { numRuns: 3_000 },
  );
});

it.each(ROOMS)('misses no line whose text holds the needle, and is sure only of such (in a room: %s)', (from) => {
  fc.assert(
    fc.property(bytes, needles, (data, needle) => {
      const hits = found(from > 0 ? inRoom(data, from) : data, needle);
      const wanted = placesIn(stripBytes(data), needle);
      const lines = hits.map(({ n }) => n);
      expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b));
      for (const n of wanted.keys()) expect(lines).toContain(n);
      for (const { n, sure } of hits) if (sure) expect([...wanted.keys()]).toContain(n);
    }),
    { numRuns: 5_000 },
  );
});

it('is sure of text with colours, and looks at nothing else', () => {
  const text = `${E}[31mred needle${E}[0m\nnee${E}[1mdle\n${E}[31m31${E}[m\nneedl${E}[me1\nneedle 1%\rdone\nneedle\r\n`;
  const hits = found(Buffer.from(text), needleOf('needle'));
  expect(hits.map(({ n, sure }) => [n, sure])).toEqual([
    [0, true],
    [1, false],
    [3, false],
    [4, false],
    [5, true],
  ]);
  expect(found(Buffer.from(text), needleOf('31')).map(({ n }) => n)).toEqual([2]);
});

it('looks for each of several', () => {
  const text = `one\n${E}[31mtwo\nth${E}[mree\nfour\n`;
  expect(found(Buffer.from(text), needleOf('three', 'one', 'tw')).map(({ n, sure }) => [n, sure])).toEqual([
    [0, true],
    [1, true],
    [2, false],
  ]);
});

it('takes time in proportion to the data, also where a sequence never ends', () => {
  // Each of these places could look back over all before it.
  const data = Buffer.from(`${E}]0;${'a'.repeat(PART_BYTES - 5)}\n`);
  expect(found(data, needleOf('aaa'))).toEqual([]);
  for (const over of ['\r', `${E}[G`, `${E}]a`]) {
    const line = `aaa${over.repeat(Math.floor((PART_BYTES - 4) / over.length))}\n`;
    expect(found(Buffer.from(line), needleOf('aaa'))).toEqual([{ n: 0, at: 0, sure: true }]);
    expect(found(Buffer.from(line), needleOf('ab'))).toEqual([]);
  }
});

it('puts down as many lines as there can be, and a longest needle', () => {
  const data = Buffer.alloc(PART_BYTES);
  for (let at = 0; at < data.length; at += 2) data.set([97, 10], at);
  expect(found(data, needleOf('a')).length).toBe(PART_BYTES / 2);
  expect(feedsIn(Buffer.alloc(3 * PART_BYTES + 5, 10))).toBe(3 * PART_BYTES + 5);
  const needle = new Uint8Array(PLACES_MOST).fill(98);
  data.fill(97).set(needle, data.length - needle.length);
  expect(found(data, needleOf(needle))).toEqual([{ n: 0, at: data.length - needle.length, sure: true }]);
});
