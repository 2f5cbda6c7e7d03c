/** Counts line feeds, sixteen bytes at a time. */
import { within } from './dropping_kernels.ts';
import { FEED, STEP } from './kernel_memory.ts';
import type { Kernel } from './wasm_code.ts';
import * as w from './wasm_code.ts';

/** (at, end): how many line feeds there are. */
export function feedsIn(): Kernel {
  const [at, end, count, feed] = [0, 1, 2, 3];
  const body = [
    w.set(feed, w.splat(w.i32(FEED))),
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
