/** Finds lines, sixteen bytes at a time. Addresses are of the module's memory; see `dropping_kernels.ts` for what lies behind `end`. */
import { byteOf, CALLED, isC1, isClass, within } from './dropping_kernels.ts';
import {
  C1_LEAD,
  CLASS,
  CORE_AT,
  CORE_BYTES,
  CR,
  DELETE,
  ESC,
  FEED,
  FEEDS_AT,
  GO_ON_AT,
  GOES_ON_AT,
  HIT_BYTES,
  HITS_AT,
  JOINS_AT,
  STEP,
} from './kernel_memory.ts';
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

type Code = number[];

/**
 * (at, end): puts down the lines whose text may hold the needle. All its sequences are looked for by their core. It stands in the bytes as it is, outside of
 * escape sequences, and so does the rest of one of them around it: that is sure, unless the line is started over. Or what is not shown stands around or within the
 * core: then the bytes around that must stand beside each other in a sequence, and more is not looked at here. What follows in such a line is passed over.
 * @param places of the core. @returns how many lines.
 */
export function linesWith(name: string, places: number): Kernel {
  const [at, end, found, place, feeds, out, i, unsure, sequence_end, looked_to, byte, dropped_to, behind, lineFeeds, start, begin] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  ];
  const words = 14;
  const vectors = numbers(2 + words);
  const [bytes, space, tab, feed] = [vectors(), vectors(), vectors(), vectors()];
  const [del, c1, ret, escape] = [vectors(), vectors(), vectors(), vectors()];
  const [half, none, goOnLow, goOnHigh] = [vectors(), vectors(), vectors(), vectors()];
  const core = Array.from({ length: places }, () => ({ low: vectors(), high: vectors() }));
  const before = (address: Code): Code => w.sub(address, w.i32(1));
  const same = (what: number): Code => w.sameBytes(w.get(bytes), w.get(what));
  const is = (what: number): Code => w.eq(w.get(byte), w.i32(what));
  const more = (local: number, by: Code): Code => w.set(local, w.add(w.get(local), by));
  /** By byte: bits of the sequences that may have it there. */
  const mayHave = (address: Code, low: number, high: number): Code =>
    w.bytesAnd(
      w.looksUp(w.get(low), w.bytesAnd(w.bytesAt(address), w.get(half))),
      w.looksUp(w.get(high), w.bytesAnd(w.halvesDown(w.bytesAt(address)), w.get(half))),
    );
  const isAny = (of: Code): Code => w.bits(w.otherBytes(of, w.get(none)));
  const mayBegin = isAny(
    core.map(({ low, high }, k) => mayHave(k === 0 ? w.get(at) : w.add(w.get(at), w.i32(k)), low, high)).reduce((a, b) => w.bytesAnd(a, b)),
  );
  const mayGoOn = isAny(mayHave(before(w.get(at)), goOnLow, goOnHigh));
  const low = w.bytesWithout(w.bytesBelow(w.get(bytes), w.get(space)), w.bytesOr(same(tab), same(feed)));
  const isControl = w.bits(w.bytesOr(low, w.bytesOr(same(del), same(c1))));
  // Within a core of one place nothing can stand.
  const mayBeFound = places === 1 ? mayBegin : w.or(w.and(isControl, mayGoOn), mayBegin);
  const isRest = w.above(w.add(w.get(at), w.i32(STEP)), w.get(end));
  const joins = w.byteAt(w.add(w.i32(JOINS_AT), w.or(w.shl(byteOf(place, -1), w.i32(8)), byteOf(dropped_to))));
  // Ends with the next place, or behind two blocks: it may hold the needle.
  const control = [
    w.leaveIf(2, is(CR)),
    w.when(is(C1_LEAD), w.leaveIf(1, w.isZero(isC1(byteOf(place, 1))))),
    w.leaveIf(2, w.isZero(w.byteAt(w.add(w.i32(GOES_ON_AT), byteOf(place, -1))))),
    // Of what is dropped together the first is looked at: from within, no more would be dropped, and what is before it is not shown.
    w.leaveIf(2, w.lessThan(w.get(place), w.get(dropped_to))),
    w.set(dropped_to, w.call(CALLED.dropsEnd, w.get(place))),
    w.leaveIf(2, w.atLeast(w.get(dropped_to), w.get(end))),
    w.leaveIf(2, w.isZero(joins)),
    w.set(unsure, w.i32(1)),
    w.leave(1),
  ];
  /** The last ESC of the line before the place, or its line feed: no byte is looked at twice for that, and no sequence. */
  const left = w.sub(w.get(i), w.get(looked_to));
  const isLast = w.lessThan(left, w.i32(STEP));
  const toSequenceBefore = [
    w.set(i, w.get(place)),
    w.block(
      w.loop(
        w.leaveIf(1, w.eq(w.get(i), w.get(looked_to))),
        w.set(bytes, w.bytesAt(w.sub(w.get(i), w.i32(STEP)))),
        w.set(
          byte,
          w.and(w.bits(w.bytesOr(same(feed), same(escape))), w.shl(w.i32(0xffff), w.select(w.sub(w.i32(STEP), left), w.i32(0), isLast))),
        ),
        w.when(w.isZero(w.get(byte)), w.set(i, w.select(w.get(looked_to), w.sub(w.get(i), w.i32(STEP)), isLast)), w.leave(1)),
        w.set(i, w.add(w.sub(w.get(i), w.i32(STEP)), w.sub(w.i32(31), w.leadingZeros(w.get(byte))))),
        w.set(sequence_end, w.i32(0)),
        w.when(w.eq(byteOf(i), w.i32(ESC)), w.set(sequence_end, w.call(CALLED.sequenceEnd, w.get(i)))),
      ),
    ),
    w.set(looked_to, w.get(place)),
  ];
  const match = [
    ...toSequenceBefore,
    // What stands in a sequence is not shown.
    w.leaveIf(1, w.above(w.get(sequence_end), w.get(place))),
    w.set(byte, w.call(CALLED.aroundCore, w.get(place), w.get(start), w.get(sequence_end))),
    w.leaveIf(1, w.isZero(w.get(byte))),
    w.set(unsure, w.and(w.get(byte), w.i32(1))),
    w.set(begin, w.shr(w.get(byte), w.i32(1))),
    w.set(behind, w.eq(w.get(sequence_end), w.get(begin))),
  ];
  // What is started over behind the place does not stand; what was before it, does not matter.
  const toLineEnd = [
    w.set(i, w.get(place)),
    w.block(
      w.loop(
        w.leaveIf(1, w.atLeast(w.get(i), w.get(end))),
        w.set(bytes, w.bytesAt(w.get(i))),
        w.set(byte, within(w.bits(w.bytesOr(same(feed), w.bytesOr(same(ret), same(escape)))), i, end)),
        w.when(w.isZero(w.get(byte)), more(i, w.i32(STEP)), w.leave(1)),
        more(i, w.trailingZeros(w.get(byte))),
        w.leaveIf(1, w.eq(byteOf(i), w.i32(FEED))),
        w.set(byte, w.call(CALLED.startOverEnd, w.get(i))),
        w.when(
          w.ne(w.get(byte), w.get(i)),
          w.when(w.ne(byteOf(byte), w.i32(FEED)), w.set(unsure, w.i32(1))),
          w.set(i, w.get(byte)),
          w.leave(1),
        ),
        more(i, w.i32(1)),
        w.leave(0),
      ),
    ),
  ];
  const putDown = [
    more(feeds, w.ones(w.and(w.get(lineFeeds), before(w.shl(w.i32(1), w.sub(w.get(place), w.get(at))))))),
    ...toLineEnd,
    w.storeWord(w.get(out), w.get(feeds)),
    w.storeWord(w.add(w.get(out), w.i32(4)), w.or(w.shl(w.get(begin), w.i32(2)), w.or(w.shl(w.get(behind), w.i32(1)), w.get(unsure)))),
    more(out, w.i32(HIT_BYTES)),
    w.set(at, w.get(i)),
  ];
  const body = [
    w.set(out, w.i32(HITS_AT)),
    w.set(looked_to, w.get(at)),
    w.set(start, w.get(at)),
    ...(
      [
        [space, 0x20],
        [tab, 9],
        [feed, FEED],
        [ret, CR],
        [escape, ESC],
        [del, DELETE],
        [c1, C1_LEAD],
        [half, 0x0f],
        [none, 0],
      ] as const
    ).map(([local, value]) => w.set(local, w.splat(w.i32(value)))),
    w.set(goOnLow, w.bytesAt(w.i32(GO_ON_AT))),
    w.set(goOnHigh, w.bytesAt(w.i32(GO_ON_AT + STEP))),
    ...core.flatMap(({ low: l, high }, k) => [
      w.set(l, w.bytesAt(w.i32(CORE_AT + k * CORE_BYTES))),
      w.set(high, w.bytesAt(w.i32(CORE_AT + k * CORE_BYTES + STEP))),
    ]),
    w.block(
      w.loop(
        // On to where something may be, or less than sixteen bytes are left.
        w.block(
          w.loop(
            w.leaveIf(1, isRest),
            w.set(bytes, w.bytesAt(w.get(at))),
            w.set(lineFeeds, w.bits(same(feed))),
            w.set(found, mayBeFound),
            w.leaveIf(1, w.get(found)),
            more(feeds, w.ones(w.get(lineFeeds))),
            more(at, w.i32(STEP)),
            w.leave(0),
          ),
        ),
        w.when(
          isRest,
          w.leaveIf(2, w.atLeast(w.get(at), w.get(end))),
          w.set(bytes, w.bytesAt(w.get(at))),
          w.set(lineFeeds, within(w.bits(same(feed)), at, end)),
          w.set(found, within(mayBeFound, at, end)),
        ),
        w.block(
          w.loop(
            w.leaveIf(1, w.isZero(w.get(found))),
            w.set(place, w.add(w.get(at), w.trailingZeros(w.get(found)))),
            w.set(found, w.and(w.get(found), before(w.get(found)))),
            w.set(byte, byteOf(place)),
            w.set(unsure, w.i32(0)),
            w.set(behind, w.i32(0)),
            w.set(begin, w.get(place)),
            ...(places === 1
              ? [w.block(...match)]
              : [w.block(w.block(w.leaveIf(0, w.isZero(isClass(w.get(byte), CLASS.control))), ...control), ...match)]),
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
  return { name, parameters: 2, words, vectors: 12 + 2 * places, body: body.flat() };
}

/** From `first` on, one more each time. */
function numbers(first: number): () => number {
  let next = first;
  return () => next++;
}
