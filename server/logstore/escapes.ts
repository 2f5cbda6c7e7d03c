/**
 * What is asked of every byte that comes in: where the escape sequences begin and how many line feeds there are, and whether a secret may go on through
 * colour codes. In WebAssembly: a loop over the bytes in JavaScript takes twenty times as long.
 */
import { DATA_AT, FEEDS_AT, feedsAndEscapes, maybePainted, MEMORY_BYTES, PAIRS_AT, PART_BYTES, PLACES_AT } from './escape_kernels.ts';
import { moduleOf, PAGE_BYTES } from './search/wasm_code.ts';

interface Kernels {
  memory: WebAssembly.Memory;
  feedsAndEscapes: (at: number, end: number) => number;
  maybePainted: (at: number, end: number, first: number) => number;
}

const module = new WebAssembly.Module(moduleOf([feedsAndEscapes(), maybePainted()], Math.ceil(MEMORY_BYTES / PAGE_BYTES)));
// One for all runs: each call is over before the next begins.
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
const memory = new Uint8Array(kernels.memory.buffer);
const words = new Uint32Array(kernels.memory.buffer);
/** The table of pairs that lies in the memory. */
let pairs_there: Uint8Array | null = null;

interface Escapes {
  feeds: number;
  count: number;
  /** Of the ESC with that number, from 0. Good until the next look. */
  at: (n: number) => number;
}

/** @param data at most `PART_BYTES`. */
export function escapesIn(data: Uint8Array): Escapes {
  memory.set(data, DATA_AT);
  const count = kernels.feedsAndEscapes(DATA_AT, DATA_AT + data.length);
  return { feeds: words[FEEDS_AT / 4] ?? 0, count, at: placeOf };
}

function placeOf(n: number): number {
  return (words[PLACES_AT / 4 + n] ?? 0) - DATA_AT;
}

/**
 * Whether `judge` says yes to an ESC, asked only where the bytes around the codes that begin there are one of the pairs, or where they are not all known.
 * @param pairs by two bytes, the first the higher: 1 for a pair. @param judge answers yes, or where to look on.
 */
export function anyPainted(data: Uint8Array, pairs: Uint8Array, judge: (at: number) => true | number): boolean {
  if (pairs_there !== pairs) memory.set(pairs, PAIRS_AT);
  pairs_there = pairs;
  for (let from = 0; from < data.length;) {
    const part = data.subarray(from, from + PART_BYTES);
    memory.set(part, DATA_AT);
    const end = DATA_AT + part.length;
    let look_on = from;
    for (let at = DATA_AT; at < end;) {
      const found = kernels.maybePainted(at, end, DATA_AT);
      if (found >= end) break;
      const judged = judge(from + found - DATA_AT);
      if (judged === true) return true;
      look_on = judged;
      at = DATA_AT + judged - from;
    }
    from = Math.max(from + part.length, look_on);
  }
  return false;
}
