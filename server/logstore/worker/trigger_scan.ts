/**
 * Finds the next of many words in a block of bytes, whatever their case. In WebAssembly, which passes over most of a log sixteen bytes at a time: a loop over the
 * bytes in JavaScript had a third of the processor time that it takes to take a flood of output.
 */
import { feedsIn } from '../search/feeds_kernel.ts';
import { moduleOf, PAGE_BYTES } from '../search/wasm_code.ts';
import {
  BLOCK_AT,
  GROUPS,
  HALF_BYTES,
  HALVES_AT,
  hashOf,
  nextTrigger,
  SET_BYTES,
  SETS,
  SLACK_BYTES,
  WINDOW,
  WINDOWS_AT,
} from './trigger_kernel.ts';

/** What may stand before a word that starts a line as it is shown: a line feed, a return, a space, the end of a colour code, of a move to the first column, of what erases a line. */
const BEFORE_START = ['\n', '\r', ' ', 'm', '[g', '[0g', '[1g', '[k', '[0k', '[1k', '[2k'];

interface Kernels {
  memory: WebAssembly.Memory;
  nextTrigger: (at: number, end: number) => number;
  feedsIn: (at: number, end: number) => number;
}

export interface TriggerScan {
  /** Memory to read a block into that is not to be copied. There is only one. */
  readonly room: Buffer;
  /** Copies a block to the room, unless it is there. @returns it there: good until something else is put or read into it. */
  put(block: Buffer): Buffer;
  /** The place of the first word in [from, to) of `block`, or -1. @param block in the room; its words are found whole only. */
  next(block: Buffer, from: number, to: number): number;
  /** Line feeds in [from, to) of `block`. @param block in the room. */
  feeds(block: Buffer, from: number, to: number): number;
}

/** @param words lower case; `^` at their start is the start of a line. @param bytes the longest block. @throws on a word that is too short. */
export function triggerScan(words: readonly string[], bytes: number): TriggerScan {
  const pages = Math.ceil((BLOCK_AT + bytes + SLACK_BYTES) / PAGE_BYTES);
  const module = new WebAssembly.Module(moduleOf([nextTrigger(), feedsIn()], pages));
  const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
  const memory = Buffer.from(kernels.memory.buffer);
  const room = memory.subarray(BLOCK_AT, BLOCK_AT + bytes);
  const all = words.flatMap(spelled);
  const by_window = byWindow(all);
  putTables(memory, all);
  return {
    room,
    put(block) {
      if (block.buffer === memory.buffer) return block;
      room.set(block);
      return room.subarray(0, block.length);
    },
    next({ byteOffset: begin }, from, to) {
      const end = begin + to;
      for (let at = begin + from; ; at++) {
        at = kernels.nextTrigger(at, end);
        if (at === end) return -1;
        if (isAt(memory, at, end, by_window.get(windowAt(memory, at)))) return at - begin;
      }
    },
    feeds: ({ byteOffset: begin }, from, to) => kernels.feedsIn(begin + from, begin + to),
  };
}

function spelled(word: string): Uint8Array[] {
  return (word.startsWith('^') ? BEFORE_START.map((before) => before + word.slice(1)) : [word]).map((text) => Buffer.from(text));
}

/** Words by their first bytes, taken for a number. */
function byWindow(words: readonly Uint8Array[]): Map<number, Uint8Array[]> {
  const found = new Map<number, Uint8Array[]>();
  for (const word of words) {
    if (word.length < WINDOW) throw new Error(`a word of less than ${WINDOW} bytes cannot be looked for`);
    const window = windowAt(word, 0);
    found.set(window, [...(found.get(window) ?? []), word]);
  }
  return found;
}

/** In lower case, the first byte lowest. */
function windowAt(bytes: Uint8Array, at: number): number {
  let window = 0;
  for (let place = WINDOW - 1; place >= 0; place--) window = (window << 8) | lower(bytes[at + place] ?? 0);
  return window;
}

/** What begins alike is in one group: the fewer bytes a group knows, the less is stopped at in vain. */
function putTables(memory: Buffer, words: readonly Uint8Array[]): void {
  for (const [k, word] of words.toSorted((a, b) => Buffer.compare(a, b)).entries()) {
    memory[WINDOWS_AT + hashOf(windowAt(word, 0))] = 1;
    const group = Math.floor((k * SETS * GROUPS) / words.length);
    for (let place = 0; place < WINDOW; place++) {
      const table = HALVES_AT + Math.floor(group / GROUPS) * SET_BYTES + place * 2 * HALF_BYTES;
      for (const byte of eitherCase(word[place] ?? 0)) {
        for (const at of [table + (byte & 0x0f), table + HALF_BYTES + (byte >>> 4)])
          memory[at] = (memory[at] ?? 0) | (1 << (group % GROUPS));
      }
    }
  }
}

function eitherCase(byte: number): number[] {
  return byte >= 0x61 && byte <= 0x7a ? [byte, byte - 32] : [byte];
}

function isAt(memory: Uint8Array, from: number, end: number, words: readonly Uint8Array[] = []): boolean {
  for (const word of words) {
    if (from + word.length > end) continue;
    let same = 0;
    while (same < word.length && lower(memory[from + same] ?? 0) === word[same]) same++;
    if (same === word.length) return true;
  }
  return false;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}
