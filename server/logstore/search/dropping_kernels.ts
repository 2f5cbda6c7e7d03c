/**
 * The loops of `byte_kernel.ts` that know what is not shown: as `strip_bytes.ts`, byte for byte. Addresses are of the module's memory; data ends in a line feed, or has
 * one put behind it, at which every sequence ends.
 */
import { BACKSLASH, BEL, BRACKET, C1_LEAD, CLASS, CLASS_AT, CR, DELETE, ESC, FEED, COLUMN, STEP } from './kernel_memory.ts';
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

/** Numbers of the kernels that others call. */
export const CALLED = { sequenceEnd: 0, dropsEnd: 1, startOverEnd: 2, aroundCore: 3 } as const;

type Code = number[];
export const byteOf = (local: number, ahead = 0): Code => w.byteAt(ahead === 0 ? w.get(local) : w.add(w.get(local), w.i32(ahead)));
export const isClass = (byte: Code, of: number): Code => w.and(w.byteAt(w.add(w.i32(CLASS_AT), byte)), w.i32(of));
const more = (local: number, by = 1): Code => w.set(local, w.add(w.get(local), w.i32(by)));
/** Of the byte behind a `C1_LEAD`: the two are a control. */
export const isC1 = (second: Code): Code => w.lessThan(w.sub(second, w.i32(0x80)), w.i32(0x20));

/** Bits of the bytes at `at` that lie before `end`. */
export const within = (mask: Code, at: number, end: number): Code => {
  const left = w.sub(w.get(end), w.get(at));
  return w.and(mask, w.select(w.sub(w.shl(w.i32(1), left), w.i32(1)), w.i32(0xffff), w.lessThan(left, w.i32(STEP))));
};

/** (at of an ESC): the address after its sequence. */
export function sequenceEnd(): Kernel {
  const [at, kind, others, highs, parameters] = [0, 1, 2, 3, 4];
  const pass = (of: number): Code => w.loop(w.when(isClass(byteOf(at), of), more(at), w.leave(1)));
  const upTo = (of: number): Code => w.give(w.add(w.get(at), w.select(w.i32(1), w.i32(0), isClass(byteOf(at), of))));
  const body = [
    more(at),
    w.set(kind, byteOf(at)),
    w.when(
      w.eq(w.get(kind), w.i32(BRACKET)),
      more(at),
      // Most are a few parameters and their end: found at once.
      w.set(highs, w.splat(w.i32(0xf0))),
      w.set(parameters, w.splat(w.i32(0x30))),
      w.set(others, w.xor(w.bits(w.sameBytes(w.bytesAnd(w.bytesAt(w.get(at)), w.get(highs)), w.get(parameters))), w.i32(0xffff))),
      w.when(
        w.get(others),
        w.set(at, w.add(w.get(at), w.trailingZeros(w.get(others)))),
        w.when(isClass(byteOf(at), CLASS.final), w.give(w.add(w.get(at), w.i32(1)))),
      ),
      pass(CLASS.parameter),
      pass(CLASS.intermediate),
      upTo(CLASS.final),
    ),
    w.when(
      isClass(w.get(kind), CLASS.begins_string),
      more(at),
      w.loop(w.when(w.isZero(isClass(byteOf(at), CLASS.ends_string)), more(at), w.leave(1))),
      w.when(w.eq(byteOf(at), w.i32(BEL)), w.give(w.add(w.get(at), w.i32(1)))),
      w.when(w.and(w.eq(byteOf(at), w.i32(ESC)), w.eq(byteOf(at, 1), w.i32(BACKSLASH))), w.give(w.add(w.get(at), w.i32(2)))),
      w.give(w.get(at)),
    ),
    pass(CLASS.intermediate),
    upTo(CLASS.shortFinal),
    w.get(at),
  ];
  return { name: 'sequenceEnd', parameters: 1, words: 2, vectors: 2, body: body.flat() };
}

/** (at): the address behind all that follow each other from there on of what starts a line over; `at` when none does. */
export function startOverEnd(): Kernel {
  const [at, move, first] = [0, 1, 2];
  const body = [
    w.loop(
      w.when(w.eq(byteOf(at), w.i32(CR)), more(at), w.leave(1)),
      w.when(
        w.and(w.eq(byteOf(at), w.i32(ESC)), w.eq(byteOf(at, 1), w.i32(BRACKET))),
        w.set(first, w.eq(w.or(byteOf(at, 2), w.i32(1)), w.i32(0x31))),
        w.set(move, w.add(w.get(at), w.add(w.get(first), w.i32(2)))),
        w.when(w.eq(byteOf(move), w.i32(COLUMN)), w.set(at, w.add(w.get(move), w.i32(1))), w.leave(2)),
      ),
    ),
    w.get(at),
  ];
  return { name: 'startOverEnd', parameters: 1, words: 2, vectors: 0, body: body.flat() };
}

/** (at): the address of the first byte that is shown, or ends or starts over the line. */
export function dropsEnd(): Kernel {
  const at = 0;
  const on = (...code: Code[]): Code[] => [...code, w.leave(1)];
  const body = [
    w.loop(
      w.when(w.eq(byteOf(at), w.i32(ESC)), ...on(w.set(at, w.call(CALLED.sequenceEnd, w.get(at))))),
      w.when(w.eq(byteOf(at), w.i32(C1_LEAD)), w.when(isC1(byteOf(at, 1)), more(at, 2), w.leave(2)), w.give(w.get(at))),
      w.when(w.eq(byteOf(at), w.i32(CR)), w.give(w.get(at))),
      w.when(isClass(byteOf(at), CLASS.control), ...on(more(at))),
    ),
    w.get(at),
  ];
  return { name: 'dropsEnd', parameters: 1, words: 0, vectors: 0, body: body.flat() };
}

/** (at, end, out): writes what is shown to `out`. @returns its end. */
export function strip(): Kernel {
  const [at, end, base, out, found, bytes, space, tab, feed, del, c1] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const is = (what: number): Code => w.sameBytes(w.get(bytes), w.get(what));
  const controls = w.bytesWithout(w.bytesBelow(w.get(bytes), w.get(space)), w.bytesOr(is(tab), is(feed)));
  const go = (by: Code): Code[] => [
    w.set(found, by),
    w.set(at, w.add(w.get(at), w.get(found))),
    w.set(out, w.add(w.get(out), w.get(found))),
  ];
  const left = w.sub(w.get(end), w.get(at));
  const body = [
    w.set(out, w.get(base)),
    ...(
      [
        [space, 0x20],
        [tab, 9],
        [feed, FEED],
        [del, DELETE],
        [c1, C1_LEAD],
      ] as const
    ).map(([local, byte]) => w.set(local, w.splat(w.i32(byte)))),
    w.loop(
      w.when(w.atLeast(w.get(at), w.get(end)), w.give(w.get(out))),
      w.set(bytes, w.bytesAt(w.get(at))),
      w.bytesTo(w.get(out), w.get(bytes)),
      w.set(found, within(w.bits(w.bytesOr(controls, w.bytesOr(is(del), is(c1)))), at, end)),
      w.when(w.isZero(w.get(found)), ...go(w.select(left, w.i32(STEP), w.lessThan(left, w.i32(STEP)))), w.leave(1)),
      ...go(w.trailingZeros(w.get(found))),
      w.set(found, w.call(CALLED.startOverEnd, w.get(at))),
      w.when(
        w.ne(w.get(found), w.get(at)),
        w.set(at, w.get(found)),
        // At the line's end nothing is started over.
        w.when(
          w.and(w.lessThan(w.get(at), w.get(end)), w.ne(byteOf(at), w.i32(FEED))),
          w.loop(w.when(w.above(w.get(out), w.get(base)), w.when(w.ne(byteOf(out, -1), w.i32(FEED)), more(out, -1), w.leave(2)))),
        ),
        w.leave(1),
      ),
      w.when(w.eq(byteOf(at), w.i32(ESC)), w.set(at, w.call(CALLED.sequenceEnd, w.get(at))), w.leave(1)),
      w.when(
        w.eq(byteOf(at), w.i32(C1_LEAD)),
        w.when(isC1(byteOf(at, 1)), more(at, 2), w.leave(2)),
        w.storeByte(w.get(out), w.i32(C1_LEAD)),
        more(out),
      ),
      more(at),
      w.leave(0),
    ),
    w.get(out),
  ];
  return { name: 'strip', parameters: 3, words: 2, vectors: 6, body: body.flat() };
}
