/**
 * What is asked of every byte of a log: how many line feeds there are, which lines hold a needle, and what is shown. In WebAssembly, because a byte loop in
 * JavaScript takes ten times as long, and Buffer's own search knows neither case nor lines nor escape sequences.
 */
import { aroundCore } from './core_kernel.ts';
import { feedsIn as feedsKernel } from './feeds_kernel.ts';
import { dropsEnd, sequenceEnd, startOverEnd, strip } from './dropping_kernels.ts';
import {
  BLOCK_AT,
  CLASS_AT,
  CLASSES,
  CORE_AT,
  CORE_BYTES,
  CORE_FROM_AT,
  CORE_PLACES,
  CORE_PLACES_AT,
  DATA_AT,
  FEED,
  FEEDS_AT,
  GO_ON_AT,
  GOES_ON_AT,
  HITS_AT,
  JOINS_AT,
  LENGTHS_AT,
  PART_BYTES,
  SETS_AT,
  SETS_BYTES,
  SHOWN_AT,
  SLACK_BYTES,
  STEP,
} from './kernel_memory.ts';
import { linesWith as linesKernel } from './lines_kernel.ts';
import { coreOf, type ByteSet, type Needle } from './needle.ts';
import { moduleOf } from './wasm_code.ts';

export { PART_BYTES } from './kernel_memory.ts';

const BYTES = 256;
const PAGE_BYTES = 65_536;
/** Of the memory that a block of a log is read into, so that it need not be copied. */
export const BLOCK_BYTES = 1_048_576;

interface Kernels {
  memory: WebAssembly.Memory;
  feedsIn: (at: number, end: number) => number;
  linesWithOne: (at: number, end: number) => number;
  linesWithTwo: (at: number, end: number) => number;
  linesWithThree: (at: number, end: number) => number;
  strip: (at: number, end: number, out: number) => number;
}

/** By the number of places of the core. */
const BY_PLACES = ['linesWithOne', 'linesWithTwo', 'linesWithThree'] as const;
const pages = Math.ceil((BLOCK_AT + BLOCK_BYTES + SLACK_BYTES) / PAGE_BYTES);
// In the order of `CALLED`.
const module = new WebAssembly.Module(
  moduleOf(
    [
      sequenceEnd(),
      dropsEnd(),
      startOverEnd(),
      aroundCore(),
      strip(),
      feedsKernel(),
      ...BY_PLACES.map((name, k) => linesKernel(name, k + 1)),
    ],
    pages,
  ),
);
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
const memory = Buffer.from(kernels.memory.buffer);
const words = new Uint32Array(kernels.memory.buffer);
memory.set(CLASSES, CLASS_AT);
let needle_there: Needle | null = null;
let linesThere = kernels.linesWithOne;

/** Room for a block of a log. A thread does one search at a time, so there is one. */
export const BLOCK_ROOM: Buffer = memory.subarray(BLOCK_AT, BLOCK_AT + BLOCK_BYTES);

/** @param data at most `PART_BYTES`, or what was read into the room: that stays where it is. @returns the addresses of its beginning and end. */
function put(data: Uint8Array): [at: number, end: number] {
  const isHere = data.buffer === memory.buffer;
  if (!isHere) memory.set(data, DATA_AT);
  const at = isHere ? data.byteOffset : DATA_AT;
  const end = at + data.length;
  // Only what is at the end of a log or of the room does not end with one.
  if (data.at(-1) !== FEED) memory[end] = FEED;
  return [at, end];
}

export function feedsIn(data: Uint8Array): number {
  let count = 0;
  for (let from = 0; from < data.length; from += PART_BYTES) {
    const part = data.subarray(from, from + PART_BYTES);
    const isHere = part.buffer === memory.buffer;
    if (!isHere) memory.set(part, DATA_AT);
    const at = isHere ? part.byteOffset : DATA_AT;
    count += kernels.feedsIn(at, at + part.length);
  }
  return count;
}

/** What is shown of whole lines: as `stripBytes`. Holds until the next call. @param data at most `PART_BYTES`. */
export function shownOf(data: Uint8Array): Buffer {
  return memory.subarray(SHOWN_AT, kernels.strip(...put(data), SHOWN_AT));
}

/**
 * Calls for each line of `data` whose text may hold the needle, in order. @param data whole lines, at most `PART_BYTES`.
 * @param found `sure`: it does, and stands there; `behind_sequence`: right behind one that is not shown. @returns line feeds in it.
 */
export function linesWith(
  data: Uint8Array,
  needle: Needle,
  found: (feeds_before: number, at: number, sure: boolean, behind_sequence: boolean) => void,
): number {
  if (needle !== needle_there) putNeedle(needle);
  const [at, end] = put(data);
  const count = linesThere(at, end);
  for (let hit = 0, word = HITS_AT / 4; hit < count; hit++, word += 2) {
    const place = words[word + 1] ?? 0;
    found(words[word] ?? 0, (place >>> 2) - at, (place & 1) === 0, (place & 2) !== 0);
  }
  return words[FEEDS_AT / 4] ?? 0;
}

function putNeedle(needle: Needle): void {
  memory.fill(0, SETS_AT, CLASS_AT);
  memory.fill(0, GOES_ON_AT, HITS_AT);
  const { from, places } = coreOf(needle, CORE_PLACES);
  words[CORE_FROM_AT / 4] = from;
  words[CORE_PLACES_AT / 4] = places;
  for (const [k, sequence] of needle.entries()) {
    const bit = 1 << k;
    or(LENGTHS_AT + sequence.length, bit);
    for (const [place, set] of sequence.entries()) for (const byte of set) or(SETS_AT + place * SETS_BYTES + byte, bit);
    const core = sequence.slice(from, from + places);
    for (const [place, set] of core.entries()) {
      putHalves(CORE_AT + place * CORE_BYTES, set, bit);
      if (place === places - 1) continue;
      for (const byte of set) {
        or(GOES_ON_AT + byte, 1);
        // By a bit for each high half, so that no other byte of ASCII has both.
        putHalves(GO_ON_AT, [byte], 1 << ((byte >>> 4) & 7));
        for (const after of core[place + 1] ?? []) or(JOINS_AT + byte * BYTES + after, 1);
      }
    }
  }
  linesThere = kernels[BY_PLACES[places - 1] ?? 'linesWithOne'];
  needle_there = needle;
}

/** Tables of 16 by the low and the high half of a byte: only of the bytes in the set do both have the bit, and of some others. */
function putHalves(table: number, set: ByteSet, bit: number): void {
  for (const byte of set) {
    or(table + (byte & 0x0f), bit);
    or(table + STEP + (byte >>> 4), bit);
  }
}

function or(at: number, bit: number): void {
  memory[at] = (memory[at] ?? 0) | bit;
}
