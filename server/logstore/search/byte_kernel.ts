/**
 * What is asked of every byte of a log: where the first control character is, how many line feeds there are, and which lines hold a needle. In
 * WebAssembly, because a byte loop in JavaScript takes ten times as long, and Buffer's own search knows neither case nor lines.
 */
import {
  FEEDS_AT,
  firstControl as controlKernel,
  feedsIn as feedsKernel,
  FOLD_AT,
  HIT_BYTES,
  HITS_AT,
  linesWith as linesKernel,
  NEEDLE_AT,
} from './byte_kernels.ts';
import { moduleOf } from './wasm_code.ts';

const PAGE_BYTES = 65_536;
/** What is looked through at once; longer data in parts, but by `linesWith` only when it is one line. */
export const PART_BYTES = 65_536;
/** A needle's last byte is read this far behind the data at most, sixteen at a time. */
export const NEEDLE_MOST_BYTES = FOLD_AT - NEEDLE_AT;
const DATA_AT = HITS_AT + HIT_BYTES * PART_BYTES;
const SLACK_BYTES = NEEDLE_MOST_BYTES + 16;

interface Kernels {
  memory: WebAssembly.Memory;
  firstControl: (at: number, end: number) => number;
  feedsIn: (at: number, end: number) => number;
  linesWith: (at: number, end: number, length: number) => number;
}

const pages = Math.ceil((DATA_AT + PART_BYTES + SLACK_BYTES) / PAGE_BYTES);
const module = new WebAssembly.Module(moduleOf([controlKernel(), feedsKernel(), linesKernel()], pages));
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
let memory = new Uint8Array(kernels.memory.buffer);
let words = new Uint32Array(kernels.memory.buffer);

/** @returns the address of its end. */
function put(data: Uint8Array): number {
  const missing = DATA_AT + data.length + SLACK_BYTES - memory.length;
  if (missing > 0) {
    kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
    memory = new Uint8Array(kernels.memory.buffer);
    words = new Uint32Array(kernels.memory.buffer);
  }
  memory.set(data, DATA_AT);
  return DATA_AT + data.length;
}

/** @returns where the first byte is that is no text by itself: a control other than tab and line feed, or 0xc2, which begins the C1 controls; the length when there is none. */
export function firstControl(data: Uint8Array): number {
  for (let from = 0; from < data.length; from += PART_BYTES) {
    const end = put(data.subarray(from, from + PART_BYTES));
    const found = kernels.firstControl(DATA_AT, end);
    if (found < end) return from + found - DATA_AT;
  }
  return data.length;
}

export function feedsIn(data: Uint8Array): number {
  let count = 0;
  for (let from = 0; from < data.length; from += PART_BYTES) count += kernels.feedsIn(DATA_AT, put(data.subarray(from, from + PART_BYTES)));
  return count;
}

export interface Needle {
  /** Lower case where the case is ignored. */
  bytes: Uint8Array;
  /** By byte the bit that the cases differ in. */
  fold: Uint8Array;
}

/** Calls for each line of `data` that holds the needle, in order. @param data at most `PART_BYTES`, or a single line. @returns line feeds in it. */
export function linesWith(data: Uint8Array, { bytes, fold }: Needle, found: (feeds_before: number, at: number) => void): number {
  memory.set(bytes, NEEDLE_AT);
  memory.set(fold, FOLD_AT);
  const end = put(data);
  const count = kernels.linesWith(DATA_AT, end, bytes.length);
  for (let hit = 0, word = HITS_AT / 4; hit < count; hit++, word += 2) found(words[word] ?? 0, (words[word + 1] ?? 0) - DATA_AT);
  return words[FEEDS_AT / 4] ?? 0;
}
