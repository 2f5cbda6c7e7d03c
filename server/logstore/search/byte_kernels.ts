/** The loops of `byte_kernel.ts`, sixteen bytes at a time. Addresses are of the module's memory; what lies behind `end` may be anything. */
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

const FEED = 10;
const STEP = 16;
/** Where a search puts its needle, of each needle byte the bit that its cases differ in, how many line feeds it passed, and what it found. */
export const NEEDLE_AT = 0;
export const FOLD_AT = 4_096;
export const FEEDS_AT = 8_176;
export const HITS_AT = 8_192;
/** Of a hit: one word for the line feeds before it, one for its address. */
export const HIT_BYTES = 8;

const letAll = (values: readonly (readonly [local: number, byte: number])[]): number[] =>
  values.flatMap(([local, byte]) => w.set(local, w.splat(w.i32(byte))));

/** Bits of the bytes at `at` that lie before `end`. */
const within = (mask: number[], at: number, end: number): number[] => {
  const left = w.sub(w.get(end), w.get(at));
  return w.and(mask, w.select(w.sub(w.shl(w.i32(1), left), w.i32(1)), w.i32(0xffff), w.lessThan(left, w.i32(STEP))));
};

/** (at, end): the address of the first byte that is no text by itself, `end` without one: a control other than tab and line feed, or 0xc2, which begins the C1 controls. */
export function firstControl(): Kernel {
  const [at, end, found, bytes, space, tab, feed, del, c1] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const is = (what: number): number[] => w.sameBytes(w.get(bytes), w.get(what));
  const controls = w.bytesWithout(w.bytesBelow(w.get(bytes), w.get(space)), w.bytesOr(is(tab), is(feed)));
  const body = [
    letAll([
      [space, 0x20],
      [tab, 9],
      [feed, FEED],
      [del, 0x7f],
      [c1, 0xc2],
    ]),
    w.loop(
      w.when(w.atLeast(w.get(at), w.get(end)), w.give(w.get(end))),
      w.set(bytes, w.bytesAt(w.get(at))),
      w.set(found, within(w.bits(w.bytesOr(controls, w.bytesOr(is(del), is(c1)))), at, end)),
      w.when(w.get(found), w.give(w.add(w.get(at), w.trailingZeros(w.get(found))))),
      w.set(at, w.add(w.get(at), w.i32(STEP))),
      w.leave(0),
    ),
    w.get(end),
  ];
  return { name: 'firstControl', parameters: 2, words: 1, vectors: 6, body: body.flat() };
}

/** (at, end): how many line feeds there are. */
export function feedsIn(): Kernel {
  const [at, end, count, feed] = [0, 1, 2, 3];
  const body = [
    letAll([[feed, FEED]]),
    w.loop(
      w.when(w.atLeast(w.get(at), w.get(end)), w.give(w.get(count))),
      w.set(count, w.add(w.get(count), w.ones(within(w.bits(w.sameBytes(w.bytesAt(w.get(at)), w.get(feed))), at, end)))),
      w.set(at, w.add(w.get(at), w.i32(STEP))),
      w.leave(0),
    ),
    w.get(count),
  ];
  return { name: 'feedsIn', parameters: 2, words: 1, vectors: 1, body: body.flat() };
}

/**
 * (at, end, length of the needle): how many lines hold the needle, after its first and last byte were found at their distance; the first place in each
 * is put down.
 */
export function linesWith(): Kernel {
  const [at, end, length, found, place, feeds, out, i, has, first, firstFold, last, lastFold, feed, bytes] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  ];
  const before = (address: number[]): number[] => w.sub(address, w.i32(1));
  const needleByte = (index: number[]): number[] => w.byteAt(w.add(w.i32(NEEDLE_AT), index));
  const foldByte = (index: number[]): number[] => w.byteAt(w.add(w.i32(FOLD_AT), index));
  const isFeed = w.sameBytes(w.get(bytes), w.get(feed));
  const isFirst = w.sameBytes(w.bytesOr(w.get(bytes), w.get(firstFold)), w.get(first));
  const isLast = w.sameBytes(w.bytesOr(w.bytesAt(before(w.add(w.get(at), w.get(length)))), w.get(lastFold)), w.get(last));
  const body = [
    w.set(out, w.i32(HITS_AT)),
    letAll([[feed, FEED]]),
    w.set(first, w.splat(needleByte(w.i32(0)))),
    w.set(firstFold, w.splat(foldByte(w.i32(0)))),
    w.set(last, w.splat(needleByte(before(w.get(length))))),
    w.set(lastFold, w.splat(foldByte(before(w.get(length))))),
    w.block(
      w.loop(
        w.leaveIf(1, w.atLeast(w.get(at), w.get(end))),
        w.set(bytes, w.bytesAt(w.get(at))),
        w.set(found, within(w.bits(w.bytesOr(isFeed, w.bytesAnd(isFirst, isLast))), at, end)),
        w.block(
          w.loop(
            w.leaveIf(1, w.isZero(w.get(found))),
            w.set(place, w.add(w.get(at), w.trailingZeros(w.get(found)))),
            w.set(found, w.and(w.get(found), before(w.get(found)))),
            w.when(
              w.eq(w.byteAt(w.get(place)), w.i32(FEED)),
              w.set(feeds, w.add(w.get(feeds), w.i32(1))),
              w.set(has, w.i32(0)),
              w.leave(1),
            ),
            // Found in this line already, or reaching behind the end.
            w.leaveIf(0, w.or(w.get(has), w.above(w.add(w.get(place), w.get(length)), w.get(end)))),
            w.set(i, w.i32(0)),
            w.loop(
              w.when(
                w.eq(w.get(i), w.get(length)),
                w.storeWord(w.get(out), w.get(feeds)),
                w.storeWord(w.add(w.get(out), w.i32(4)), w.get(place)),
                w.set(out, w.add(w.get(out), w.i32(HIT_BYTES))),
                w.set(has, w.i32(1)),
                w.leave(2),
              ),
              w.leaveIf(1, w.ne(w.or(w.byteAt(w.add(w.get(place), w.get(i))), foldByte(w.get(i))), needleByte(w.get(i)))),
              w.set(i, w.add(w.get(i), w.i32(1))),
              w.leave(0),
            ),
          ),
        ),
        w.set(at, w.add(w.get(at), w.i32(STEP))),
        w.leave(0),
      ),
    ),
    w.storeWord(w.i32(FEEDS_AT), w.get(feeds)),
    w.shr(w.sub(w.get(out), w.i32(HITS_AT)), w.i32(3)),
  ];
  return { name: 'linesWith', parameters: 3, words: 6, vectors: 6, body: body.flat() };
}
