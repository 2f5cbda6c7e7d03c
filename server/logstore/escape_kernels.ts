/** The loops of `escapes.ts` and `code_sieve.ts`, sixteen bytes at a time. What lies behind `end` may be anything. */
import type { Kernel } from './search/wasm_code.ts';
import * as w from './search/wasm_code.ts';

/** What is looked through at once. */
export const PART_BYTES = 65_536;
const STEP = 16;
/** Where the table of pairs lies, the line feeds that were counted, the addresses that were put down, and the data. */
export const PAIRS_AT = 0;
export const FEEDS_AT = PAIRS_AT + 65_536;
export const PLACES_AT = FEEDS_AT + STEP;
export const DATA_AT = PLACES_AT + 4 * PART_BYTES;
export const MEMORY_BYTES = DATA_AT + PART_BYTES + STEP;

const FEED = 0x0a;
export const ESC = 0x1b;
export const BRACKET = 0x5b;
/** A sequence that is longer is not one: it would be held back for as long as it goes on. */
export const CODE_MAX_BYTES = 64;

/** Bits of the bytes at `at` that lie before `end`. */
function within(mask: number[], at: number, end: number): number[] {
  const left = w.sub(w.get(end), w.get(at));
  return w.and(mask, w.select(w.sub(w.shl(w.i32(1), left), w.i32(1)), w.i32(0xffff), w.lessThan(left, w.i32(STEP))));
}

const plus = (local: number, more: number): number[] => w.add(w.get(local), w.i32(more));

/** Goes through the bytes of [at, end) that are `byte`, each in turn in `place`; `leave(0)` in the body goes to the next. `found` is scratch. */
function eachOf(
  vector: number,
  locals: { at: number; end: number; found: number; place: number },
  body: number[],
  more: number[] = [],
): number[] {
  const { at, end, found, place } = locals;
  return [
    ...w.block(
      w.loop(
        w.leaveIf(1, w.atLeast(w.get(at), w.get(end))),
        more,
        w.set(found, within(w.bits(w.sameBytes(w.bytesAt(w.get(at)), w.get(vector))), at, end)),
        w.block(
          w.loop(
            w.leaveIf(1, w.isZero(w.get(found))),
            w.set(place, w.add(w.get(at), w.trailingZeros(w.get(found)))),
            w.set(found, w.and(w.get(found), w.sub(w.get(found), w.i32(1)))),
            body,
            w.leave(0),
          ),
        ),
        w.set(at, plus(at, STEP)),
        w.leave(0),
      ),
    ),
  ];
}

/** (at, end): how many ESC there are; their addresses are put down, and the line feeds are counted. */
export function feedsAndEscapes(): Kernel {
  const [at, end, found, place, out, feeds, feed, escape] = [0, 1, 2, 3, 4, 5, 6, 7];
  const isFeed = w.sameBytes(w.bytesAt(w.get(at)), w.get(feed));
  const body = [
    w.set(feed, w.splat(w.i32(FEED))),
    w.set(escape, w.splat(w.i32(ESC))),
    w.set(out, w.i32(PLACES_AT)),
    eachOf(
      escape,
      { at, end, found, place },
      [...w.storeWord(w.get(out), w.get(place)), ...w.set(out, plus(out, 4))],
      w.set(feeds, w.add(w.get(feeds), w.ones(within(w.bits(isFeed), at, end)))),
    ),
    w.storeWord(w.i32(FEEDS_AT), w.get(feeds)),
    w.shr(w.sub(w.get(out), w.i32(PLACES_AT)), w.i32(2)),
  ];
  return { name: 'feedsAndEscapes', parameters: 2, words: 4, vectors: 2, body: body.flat() };
}

/**
 * (at, end, first): the first ESC where the table does not rule out that something goes on through the codes that begin there, or where it cannot be told:
 * at the first byte, and where the data ends in a code or right behind it. `end` when there is none.
 */
export function maybePainted(): Kernel {
  const [at, end, first, found, place, code, behind, done, escape] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const here = w.byteAt(w.get(behind));
  const isIn = (low: number, count: number): number[] => w.lessThan(w.sub(here, w.i32(low)), w.i32(count));
  const next = w.set(behind, plus(behind, 1));
  /** Passes over bytes of a range. */
  const over = (low: number, count: number): number[] =>
    w.loop(w.when(w.and(w.lessThan(w.get(behind), w.get(end)), isIn(low, count)), next, w.leave(1)));
  const pair = w.or(w.shl(w.byteAt(plus(place, -1)), w.i32(8)), here);
  const body = [
    w.set(escape, w.splat(w.i32(ESC))),
    eachOf(
      escape,
      { at, end, found, place },
      [
        // One that followed another was looked at with it.
        w.leaveIf(0, w.lessThan(w.get(place), w.get(done))),
        w.when(w.or(w.eq(w.get(place), w.get(first)), w.atLeast(plus(place, 1), w.get(end))), w.give(w.get(place))),
        w.leaveIf(0, w.ne(w.byteAt(plus(place, 1)), w.i32(BRACKET))),
        w.set(behind, w.get(place)),
        w.loop(
          w.set(code, w.get(behind)),
          w.set(behind, plus(behind, 2)),
          over(0x30, 16),
          over(0x20, 16),
          w.when(isIn(0x40, 63), next),
          w.when(
            w.or(w.atLeast(plus(behind, 1), w.get(end)), w.above(w.sub(w.get(behind), w.get(code)), w.i32(CODE_MAX_BYTES))),
            w.give(w.get(place)),
          ),
          w.leaveIf(0, w.and(w.eq(here, w.i32(ESC)), w.eq(w.byteAt(plus(behind, 1)), w.i32(BRACKET)))),
        ),
        w.set(done, w.get(behind)),
        w.when(w.byteAt(w.add(pair, w.i32(PAIRS_AT))), w.give(w.get(place))),
      ].flat(),
    ),
    w.get(end),
  ];
  return { name: 'maybePainted', parameters: 3, words: 5, vectors: 1, body: body.flat() };
}
