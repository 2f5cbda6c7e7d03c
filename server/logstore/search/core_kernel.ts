/** Looks at what is around the core of a needle, once it was found. Addresses are of the module's memory. */
import { byteOf, isC1, isClass } from './dropping_kernels.ts';
import { C1_LEAD, CLASS, CORE_FROM_AT, CORE_PLACES_AT, LENGTHS_AT, SETS_AT, SETS_BYTES } from './kernel_memory.ts';
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

type Code = number[];

/**
 * (place of the core, start of the data, end of the last sequence before the place that is not shown): 0 when no sequence of the needle stands there; else twice
 * where it begins, and one more when something that is not shown stands around the core: then one may stand there.
 */
export function aroundCore(): Kernel {
  const [place, start, sequence_end, begin, at, row, left, alive, byte, unsure] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const more = (local: number, by: number): Code => w.set(local, w.add(w.get(local), w.i32(by)));
  /** Only the sequences that have the byte there go on; without any it ends. */
  const narrow = [
    w.set(alive, w.and(w.get(alive), w.byteAt(w.add(w.get(row), w.get(byte))))),
    w.when(w.isZero(w.get(alive)), w.give(w.i32(0))),
  ];
  /** It is a control, and not one of two bytes. */
  const isControl = w.and(isClass(w.get(byte), CLASS.control), w.ne(w.get(byte), w.i32(C1_LEAD)));
  const unsureAndOut = [w.set(unsure, w.i32(1)), w.leave(2)];
  // No set has a line feed: it goes no further than to the line's.
  const body = [
    w.set(row, w.add(w.i32(SETS_AT), w.mul(w.wordAt(w.i32(CORE_FROM_AT)), w.i32(SETS_BYTES)))),
    w.set(alive, w.i32(0xff)),
    w.set(begin, w.get(place)),
    // Backwards to the beginning, or to what is not shown.
    w.set(left, w.wordAt(w.i32(CORE_FROM_AT))),
    w.block(
      w.loop(
        w.leaveIf(1, w.isZero(w.get(left))),
        w.when(w.eq(w.get(begin), w.get(start)), w.give(w.i32(0))),
        w.set(byte, byteOf(begin, -1)),
        w.when(
          w.or(
            w.atLeast(w.get(sequence_end), w.get(begin)),
            w.or(isControl, w.and(isC1(w.get(byte)), w.eq(byteOf(begin, -2), w.i32(C1_LEAD)))),
          ),
          ...unsureAndOut,
        ),
        more(row, -SETS_BYTES),
        ...narrow,
        more(begin, -1),
        more(left, -1),
        w.leave(0),
      ),
    ),
    // The core itself, in which nothing stands, and on to the end, or to what is not shown.
    w.set(at, w.get(place)),
    w.set(row, w.add(w.i32(SETS_AT), w.mul(w.wordAt(w.i32(CORE_FROM_AT)), w.i32(SETS_BYTES)))),
    w.set(left, w.wordAt(w.i32(CORE_PLACES_AT))),
    w.loop(w.set(byte, byteOf(at)), ...narrow, more(at, 1), more(row, SETS_BYTES), more(left, -1), w.leaveIf(0, w.get(left))),
    w.set(left, w.add(w.add(w.wordAt(w.i32(CORE_FROM_AT)), w.wordAt(w.i32(CORE_PLACES_AT))), w.i32(LENGTHS_AT))),
    w.block(
      w.loop(
        w.leaveIf(1, w.and(w.get(alive), byteOf(left))),
        w.set(byte, byteOf(at)),
        w.when(w.or(isControl, w.and(w.eq(w.get(byte), w.i32(C1_LEAD)), isC1(byteOf(at, 1)))), ...unsureAndOut),
        ...narrow,
        more(at, 1),
        more(row, SETS_BYTES),
        more(left, 1),
        w.leave(0),
      ),
    ),
    w.or(w.shl(w.get(begin), w.i32(1)), w.get(unsure)),
  ];
  return { name: 'aroundCore', parameters: 3, words: 7, vectors: 0, body: body.flat() };
}
