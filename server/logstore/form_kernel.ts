/**
 * The loop of `form_finder.ts`, sixteen to twenty times as fast as in JavaScript. It goes through the data at four places at once: each jump waits for
 * the table, and a core has time for three others meanwhile.
 */
import type { Kernel } from './search/wasm_code.ts';
import * as w from './search/wasm_code.ts';

/** What is looked through at once. */
export const PART_BYTES = 65_536;
export const LANES = 4;
/** Of the table of jumps: larger is emptier, so the jumps are longer, until it no longer fits the cache of a core. */
export const TABLE_BITS_MOST = 17;
export const BLOCK_BYTES = 3;

/** Where the table lies, the addresses that were put down, where those of each lane end, and the data. */
export const JUMPS_AT = 0;
export const PLACES_AT = JUMPS_AT + (1 << TABLE_BITS_MOST);
export const ENDS_AT = PLACES_AT + 4 * PART_BYTES;
export const DATA_AT = ENDS_AT + 4 * LANES;
export const MEMORY_BYTES = DATA_AT + PART_BYTES;

const FACTOR = 0x9e3779b1;
const WORD_BITS = 32;

/** Of three bytes, the first lowest. */
export function hashOf(block: number, table_bits: number): number {
  return Math.imul(block, FACTOR) >>> (WORD_BITS - table_bits);
}

const [at, end, shift, jump, found] = [0, 1, 2, 3, 4];
const places = [5, 6, 7, 8];
const borders = [9, 10, 11, 12];
const outs = [13, 14, 15, 16];
const WORDS = 14;

/** Where the places of a lane are put down that begins at `from`: each byte has its own word, so that no two lanes share one. */
function listOf(from: number[]): number[] {
  return w.add(w.shl(w.sub(from, w.i32(DATA_AT)), w.i32(2)), w.i32(PLACES_AT));
}

/** One jump; puts the place down when there is none. */
function step(place: number, out: number): number[] {
  const block = w.shr(w.wordAt(w.sub(w.get(place), w.i32(BLOCK_BYTES))), w.i32(8));
  const hash = w.shr(w.mul(block, w.i32(FACTOR | 0)), w.get(shift));
  return [
    ...w.set(jump, w.byteAt(w.add(hash, w.i32(JUMPS_AT)))),
    ...w.when(w.isZero(w.get(jump)), w.storeWord(w.get(out), w.get(place)), w.set(out, w.add(w.get(out), w.i32(4))), w.set(jump, w.i32(1))),
    ...w.set(place, w.add(w.get(place), w.get(jump))),
  ];
}

/** (at, end, 32 less the table's bits): how many places there are at which the last block of a window may be; `at` is the first possible. */
export function formKernel(): Kernel {
  const lanes = places.map((place, lane) => ({ lane, place, border: borders[lane] ?? 0, out: outs[lane] ?? 0 }));
  const begin = (lane: number): number[] => w.add(w.get(at), w.shr(w.mul(w.sub(w.get(end), w.get(at)), w.i32(lane)), w.i32(2)));
  const over = ({ place, border }: (typeof lanes)[number]): number[] => w.atLeast(w.get(place), w.get(border));
  const body = [
    ...lanes.map(({ lane, place, border, out }) => [
      ...w.set(place, begin(lane)),
      ...w.set(border, begin(lane + 1)),
      ...w.set(out, listOf(w.get(place))),
    ]),
    w.block(
      w.loop(
        w.leaveIf(
          1,
          lanes.map(over).reduce((some, one) => w.or(some, one)),
        ),
        ...lanes.map(({ place, out }) => step(place, out)),
        w.leave(0),
      ),
    ),
    ...lanes.map((lane) => w.block(w.loop(w.leaveIf(1, over(lane)), step(lane.place, lane.out), w.leave(0)))),
    ...lanes.map(({ lane, out }) => [
      ...w.set(found, w.add(w.get(found), w.shr(w.sub(w.get(out), listOf(begin(lane))), w.i32(2)))),
      ...w.storeWord(w.i32(ENDS_AT + 4 * lane), w.get(out)),
    ]),
    w.get(found),
  ];
  return { name: 'placesIn', parameters: 3, words: WORDS, vectors: 0, body: body.flat() };
}

/** Where a lane begins: as in the kernel. */
export function laneBegin(from: number, to: number, lane: number): number {
  return from + (((to - from) * lane) >>> 2);
}
