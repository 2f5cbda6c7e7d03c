/**
 * The loop of `trigger_scan.ts`, sixteen bytes at a time. Words are told by their first four bytes and are put in groups, eight to a set, with a bit
 * for each: two tables for each of the four bytes say in which groups it may be, by its low and its high half. Where all agree on a group, a table by a hash of
 * the four is asked.
 */
import { within } from '../search/dropping_kernels.ts';
import type { Kernel } from '../search/wasm_code.ts';
import * as w from '../search/wasm_code.ts';

/** Of what a word is told by. */
export const WINDOW = 4;
export const SETS = 2;
/** Of a set. */
export const GROUPS = 8;
/** By the hash of a window: 1 where a word begins with one that has it. */
export const WINDOWS_AT = 0;
const HASH_BITS = 16;
/** For each byte of the window two tables, by its low and its high half; and so for each set. */
export const HALVES_AT = WINDOWS_AT + (1 << HASH_BITS);
export const HALF_BYTES = 16;
export const SET_BYTES = WINDOW * 2 * HALF_BYTES;
export const BLOCK_AT = HALVES_AT + SETS * SET_BYTES;
const STEP = 16;
/** Read behind a block, whatever is there. */
export const SLACK_BYTES = STEP + WINDOW;

/** The same for either case of a letter. Some other bytes are taken for one, too. */
const CASE_BITS = 0x20202020;
const FACTOR = 0x9e3779b1;

/** @param window the first byte lowest. */
export function hashOf(window: number): number {
  return Math.imul(window | CASE_BITS, FACTOR) >>> (32 - HASH_BITS);
}

/** (at, end): the first place at which a word may begin, its window whole; `end` when there is none. */
export function nextTrigger(): Kernel {
  const [at, end, last, found, place, half, none] = [0, 1, 2, 3, 4, 5, 6];
  const tables = Array.from({ length: SETS * WINDOW }, (_, k) => ({
    ...{ low: 7 + 2 * k, high: 8 + 2 * k, at: HALVES_AT + k * 2 * HALF_BYTES, ahead: k % WINDOW },
  }));
  const bytes = (ahead: number): number[] => w.bytesAt(w.add(w.get(at), w.i32(ahead)));
  const groups = tables.map(({ low, high, ahead }) =>
    w.bytesAnd(
      w.looksUp(w.get(low), w.bytesAnd(bytes(ahead), w.get(half))),
      w.looksUp(w.get(high), w.bytesAnd(w.halvesDown(bytes(ahead)), w.get(half))),
    ),
  );
  const sets = Array.from({ length: SETS }, (_, set) => groups.slice(set * WINDOW, (set + 1) * WINDOW).reduce((a, b) => w.bytesAnd(a, b)));
  const may = w.bits(
    w.otherBytes(
      sets.reduce((a, b) => w.bytesOr(a, b)),
      w.get(none),
    ),
  );
  const hash = w.shr(w.mul(w.or(w.wordAt(w.get(place)), w.i32(CASE_BITS)), w.i32(FACTOR | 0)), w.i32(32 - HASH_BITS));
  const body = [
    w.set(half, w.splat(w.i32(0x0f))),
    ...tables.flatMap(({ low, high, at: from }) => [w.set(low, w.bytesAt(w.i32(from))), w.set(high, w.bytesAt(w.i32(from + HALF_BYTES)))]),
    w.set(last, w.sub(w.get(end), w.i32(WINDOW - 1))),
    w.loop(
      w.when(w.atLeast(w.get(at), w.get(last)), w.give(w.get(end))),
      w.set(found, within(may, at, last)),
      w.block(
        w.loop(
          w.leaveIf(1, w.isZero(w.get(found))),
          w.set(place, w.add(w.get(at), w.trailingZeros(w.get(found)))),
          w.set(found, w.and(w.get(found), w.sub(w.get(found), w.i32(1)))),
          w.when(w.byteAt(w.add(w.i32(WINDOWS_AT), hash)), w.give(w.get(place))),
          w.leave(0),
        ),
      ),
      w.set(at, w.add(w.get(at), w.i32(STEP))),
      w.leave(0),
    ),
    w.get(end),
  ];
  return { name: 'nextTrigger', parameters: 2, words: 3, vectors: 2 + 2 * SETS * WINDOW, body: body.flat() };
}
