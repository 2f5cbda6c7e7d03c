/**
 * Finds every occurrence of many byte strings in one pass. A multi-line key has hundreds of spellings, and a search for each would cost more than
 * the run; so the data is sifted by the last three bytes of a window as long as the shortest form, and stretches in which no form can end are
 * jumped over (the way of Wu and Manber).
 */
import {
  BLOCK_BYTES,
  DATA_AT,
  ENDS_AT,
  formKernel,
  hashOf,
  JUMPS_AT,
  laneBegin,
  LANES,
  MEMORY_BYTES,
  PART_BYTES,
  PLACES_AT,
  TABLE_BITS_MOST,
} from './form_kernel.ts';
import { sameBytes } from './form_beginnings.ts';
import { moduleOf, PAGE_BYTES } from './search/wasm_code.ts';

export type Span = [begin: number, end: number];

/** Longer windows make hardly longer jumps; a jump must fit a byte. */
const WINDOW_MAX_BYTES = 64;
const TABLE_BITS_LEAST = 12;
/** So much of the table is empty that hardly a jump is cut short by a stranger's block. */
const TABLE_SLOTS_A_BLOCK = 16;

const module = new WebAssembly.Module(moduleOf([formKernel()], Math.ceil(MEMORY_BYTES / PAGE_BYTES)));

interface Kernel {
  memory: WebAssembly.Memory;
  placesIn: (at: number, end: number, shift: number) => number;
}

// One for all runs: each call is over before the next begins, and a memory of its own for each run would cost more than most runs write.
const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
const memory = new Uint8Array(kernel.memory.buffer);
const words = new Uint32Array(kernel.memory.buffer);
/** The table that lies in the memory. */
let there: Uint8Array | null = null;

/** @param forms each of at least `BLOCK_BYTES`. @returns occurrences in order of their beginnings. */
export function formFinder(forms: readonly Buffer[]): (data: Buffer) => Span[] {
  const window = Math.min(WINDOW_MAX_BYTES, ...forms.map(({ length }) => length));
  const jump_most = window - BLOCK_BYTES + 1;
  const blocks = forms.length * jump_most * TABLE_SLOTS_A_BLOCK;
  const table_bits = Math.min(TABLE_BITS_MOST, Math.max(TABLE_BITS_LEAST, Math.ceil(Math.log2(blocks))));
  /** By the last block of a window: how far the next window in which a form can begin is. 0: one may begin in this one. */
  const jumps = new Uint8Array(1 << table_bits).fill(jump_most);
  const by_hash = new Map<number, Buffer[]>();
  for (const form of forms) {
    for (let end = BLOCK_BYTES - 1; end < window; end++) {
      const hash = hashOf(form.readUIntLE(end - 2, BLOCK_BYTES), table_bits);
      jumps[hash] = Math.min(jumps[hash] ?? 0, window - 1 - end);
      if (end === window - 1) by_hash.set(hash, [...(by_hash.get(hash) ?? []), form]);
    }
  }

  /** @param last of a window. */
  function look(data: Buffer, last: number, spans: Span[]): void {
    const begin = last - window + 1;
    for (const form of by_hash.get(hashOf(data.readUIntLE(last - 2, BLOCK_BYTES), table_bits)) ?? []) {
      if (sameBytes(data, begin, form) === form.length) spans.push([begin, begin + form.length]);
    }
  }

  return (data) => {
    if (there !== jumps) memory.set(jumps, JUMPS_AT);
    there = jumps;
    const spans: Span[] = [];
    // A window that begins in one part and ends in the next is looked at with the next.
    for (let from = 0; from + window <= data.length; from += PART_BYTES - window + 1) {
      const part = data.subarray(from, from + PART_BYTES);
      memory.set(part, DATA_AT);
      const [first, end] = [DATA_AT + window - 1, DATA_AT + part.length];
      if (kernel.placesIn(first, end, 32 - table_bits) === 0) continue;
      for (let lane = 0; lane < LANES; lane++) {
        const list = PLACES_AT / 4 + laneBegin(first, end, lane) - DATA_AT;
        const list_end = (words[ENDS_AT / 4 + lane] ?? 0) / 4;
        for (let word = list; word < list_end; word++) look(data, from + (words[word] ?? 0) - DATA_AT, spans);
      }
    }
    return spans;
  };
}
