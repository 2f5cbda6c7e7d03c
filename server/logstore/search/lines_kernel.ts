/** Finds lines, sixteen bytes at a time. Addresses are of the module's memory; see `dropping_kernels.ts` for what lies behind `end`. */
import { byteOf, CALLED, isC1, isClass, within } from './dropping_kernels.ts';
import {
  C1_LEAD,
  CLASS,
  CR,
  DELETE,
  ESC,
  FEED,
  FEEDS_AT,
  FOLD_AT,
  GOES_ON_AT,
  HIT_BYTES,
  HITS_AT,
  JOINS_AT,
  NEEDLE_AT,
  STEP,
} from './kernel_memory.ts';
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

type Code = number[];

/**
 * (at, end, length of the needle): puts down the lines whose text may hold the needle. It stands in the bytes as it is, outside of sequences: that is sure,
 * unless the line is started over; or what is not shown stands within it: then the bytes around that must stand beside each other in the needle, and
 * more is not looked at here. What follows in such a line is passed over.
 * @returns how many lines.
 */
export function linesWith(): Kernel {
  const [at, end, length, found, place, feeds, out, i, unsure, esc, byte, next, behind, lineFeeds] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  ];
  const [bytes, first, firstFold, last, lastFold, space, tab, feed, del, c1, ret] = [14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];
  const before = (address: Code): Code => w.sub(address, w.i32(1));
  const needleByte = (index: Code): Code => w.byteAt(w.add(w.i32(NEEDLE_AT), index));
  const foldByte = (index: Code): Code => w.byteAt(w.add(w.i32(FOLD_AT), index));
  const same = (what: number): Code => w.sameBytes(w.get(bytes), w.get(what));
  const is = (what: number): Code => w.eq(w.get(byte), w.i32(what));
  const more = (local: number, by: Code): Code => w.set(local, w.add(w.get(local), by));
  const isFirst = w.sameBytes(w.bytesOr(w.get(bytes), w.get(firstFold)), w.get(first));
  const isLast = w.sameBytes(w.bytesOr(w.bytesAt(before(w.add(w.get(at), w.get(length)))), w.get(lastFold)), w.get(last));
  const low = w.bytesWithout(w.bytesBelow(w.get(bytes), w.get(space)), w.bytesOr(same(tab), same(feed)));
  const isControl = w.bytesOr(low, w.bytesOr(same(del), same(c1)));
  const joins = w.byteAt(w.add(w.i32(JOINS_AT), w.or(w.shl(byteOf(place, -1), w.i32(8)), byteOf(next))));

  // Ends with the next place, or behind two blocks: it may hold the needle.
  const control = [
    w.when(is(ESC), w.set(esc, w.get(place))),
    w.leaveIf(2, is(CR)),
    w.when(is(C1_LEAD), w.leaveIf(1, w.isZero(isC1(byteOf(place, 1))))),
    w.leaveIf(2, w.isZero(w.byteAt(w.add(w.i32(GOES_ON_AT), byteOf(place, -1))))),
    w.set(next, w.call(CALLED.dropsEnd, w.get(place))),
    w.leaveIf(2, w.atLeast(w.get(next), w.get(end))),
    w.leaveIf(2, w.isZero(joins)),
    w.set(unsure, w.i32(1)),
    w.leave(1),
  ];
  const match = [
    w.leaveIf(1, w.above(w.add(w.get(place), w.get(length)), w.get(end))),
    w.set(i, w.i32(0)),
    w.block(
      w.loop(
        w.leaveIf(1, w.eq(w.get(i), w.get(length))),
        w.leaveIf(3, w.ne(w.or(w.byteAt(w.add(w.get(place), w.get(i))), foldByte(w.get(i))), needleByte(w.get(i)))),
        more(i, w.i32(1)),
        w.leave(0),
      ),
    ),
    w.when(
      w.get(esc),
      w.set(next, w.call(CALLED.sequenceEnd, w.get(esc))),
      // What stands in a sequence is not shown.
      w.leaveIf(2, w.above(w.get(next), w.get(place))),
      w.set(behind, w.eq(w.get(next), w.get(place))),
    ),
  ];
  // What is started over behind the place does not stand; what was before it, does not matter.
  const toLineEnd = [
    w.set(i, w.get(place)),
    w.block(
      w.loop(
        w.leaveIf(1, w.atLeast(w.get(i), w.get(end))),
        w.set(bytes, w.bytesAt(w.get(i))),
        w.set(next, within(w.bits(w.bytesOr(same(feed), same(ret))), i, end)),
        w.when(w.isZero(w.get(next)), more(i, w.i32(STEP)), w.leave(1)),
        more(i, w.trailingZeros(w.get(next))),
        w.leaveIf(1, w.eq(byteOf(i), w.i32(FEED))),
        w.when(w.ne(byteOf(i, 1), w.i32(FEED)), w.set(unsure, w.i32(1))),
        more(i, w.i32(1)),
        w.leave(0),
      ),
    ),
  ];
  const putDown = [
    more(feeds, w.ones(w.and(w.get(lineFeeds), before(w.shl(w.i32(1), w.sub(w.get(place), w.get(at))))))),
    ...toLineEnd,
    w.storeWord(w.get(out), w.get(feeds)),
    w.storeWord(w.add(w.get(out), w.i32(4)), w.or(w.shl(w.get(place), w.i32(2)), w.or(w.shl(w.get(behind), w.i32(1)), w.get(unsure)))),
    more(out, w.i32(HIT_BYTES)),
    w.set(at, w.get(i)),
  ];
  const body = [
    w.set(out, w.i32(HITS_AT)),
    ...(
      [
        [space, w.i32(0x20)],
        [tab, w.i32(9)],
        [feed, w.i32(FEED)],
        [ret, w.i32(CR)],
        [del, w.i32(DELETE)],
        [c1, w.i32(C1_LEAD)],
        [first, needleByte(w.i32(0))],
        [firstFold, foldByte(w.i32(0))],
        [last, needleByte(before(w.get(length)))],
        [lastFold, foldByte(before(w.get(length)))],
      ] as const
    ).map(([local, value]) => w.set(local, w.splat(value))),
    w.block(
      w.loop(
        w.leaveIf(1, w.atLeast(w.get(at), w.get(end))),
        w.set(bytes, w.bytesAt(w.get(at))),
        w.set(lineFeeds, within(w.bits(same(feed)), at, end)),
        w.set(found, within(w.bits(w.bytesOr(isControl, w.bytesAnd(isFirst, isLast))), at, end)),
        w.block(
          w.loop(
            w.leaveIf(1, w.isZero(w.get(found))),
            w.set(place, w.add(w.get(at), w.trailingZeros(w.get(found)))),
            w.set(found, w.and(w.get(found), before(w.get(found)))),
            w.set(byte, byteOf(place)),
            w.set(unsure, w.i32(0)),
            w.set(behind, w.i32(0)),
            w.block(w.block(w.leaveIf(0, w.isZero(isClass(w.get(byte), CLASS.control))), ...control), ...match),
            ...putDown,
            w.leave(2),
          ),
        ),
        more(feeds, w.ones(w.get(lineFeeds))),
        more(at, w.i32(STEP)),
        w.leave(0),
      ),
    ),
    w.storeWord(w.i32(FEEDS_AT), w.get(feeds)),
    w.shr(w.sub(w.get(out), w.i32(HITS_AT)), w.i32(3)),
  ];
  return { name: 'linesWith', parameters: 3, words: 11, vectors: 11, body: body.flat() };
}
