/**
 * Finds the next of many words in a block of bytes, whatever their case, looking at about every second byte: a table says for each two bytes how
 * far ahead the end of any word's first four bytes can be at least. Most of a log is passed over this way.
 */
const WINDOW = 4;
const NEVER = WINDOW - 1;
const LINE_FEED = 10;
/** What may stand before a word that starts a line as it is shown: a line feed, a return, a space, the end of a colour code, of a move to the first column, of what erases a line. */
const BEFORE_START = ['\n', '\r', ' ', 'm', '[g', '[0g', '[1g', '[k', '[0k', '[1k', '[2k'];

const NO_WORDS: Uint8Array[] = [];

export interface TriggerScan {
  /** The place of the first word in [from, to) of `block`, or -1. @param block its words are found whole only. */
  next(block: Uint8Array, from: number, to: number): number;
}

/** @param words lower case; `^` at their start is the start of a line. @throws on one that is too short. */
export function triggerScan(words: readonly string[]): TriggerScan {
  const skip = new Uint8Array(0x10000).fill(NEVER);
  /** Words whose first four bytes end with two bytes, by these. */
  const ending: Uint8Array[][] = Array.from({ length: 0x10000 }, () => NO_WORDS);
  for (const word of words.flatMap(spelled)) {
    if (word.length < WINDOW) throw new Error(`a word of less than ${WINDOW} bytes cannot be looked for`);
    for (let at = 1; at < WINDOW; at++) {
      for (const pair of pairs(word[at - 1] ?? 0, word[at] ?? 0)) {
        skip[pair] = Math.min(skip[pair] ?? 0, NEVER - at);
        if (at === NEVER) ending[pair] = [...(ending[pair] ?? NO_WORDS), word];
      }
    }
  }
  return {
    next(block, from, to) {
      for (let at = from + NEVER; at < to;) {
        const pair = ((block[at - 1] ?? 0) << 8) | (block[at] ?? 0);
        const ahead = skip[pair] ?? 0;
        if (ahead > 0) at += ahead;
        else if (isAt(block, at - NEVER, to, ending[pair] ?? NO_WORDS)) return at - NEVER;
        else at++;
      }
      return -1;
    },
  };
}

function spelled(word: string): Uint8Array[] {
  return (word.startsWith('^') ? BEFORE_START.map((before) => before + word.slice(1)) : [word]).map((text) => Buffer.from(text));
}

function pairs(first: number, second: number): number[] {
  return [...new Set([first, upper(first)])].flatMap((a) => [...new Set([second, upper(second)])].map((b) => (a << 8) | b));
}

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
}

/** Plain loops: this is asked for one byte in fifty. */
function isAt(block: Uint8Array, from: number, to: number, words: readonly Uint8Array[]): boolean {
  for (const word of words) {
    if (from + word.length > to) continue;
    let same = 0;
    while (same < word.length && lower(block[from + same] ?? 0) === word[same]) same++;
    if (same === word.length) return true;
  }
  return false;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

/** Line feeds in [from, to), four bytes at a time. */
export function countFeeds(block: Uint8Array, from: number, to: number): number {
  let count = 0;
  let at = from;
  for (; at < to && ((block.byteOffset + at) & 3) !== 0; at++) if (block[at] === LINE_FEED) count++;
  if (at >= to) return count;
  const words = new Int32Array(block.buffer, block.byteOffset + at, (to - at) >>> 2);
  for (let i = 0; i < words.length; i++) {
    const mixed = (words[i] ?? 0) ^ 0x0a0a0a0a;
    // The high bit of each byte that is zero, and no other.
    const zero = ~(((mixed & 0x7f7f7f7f) + 0x7f7f7f7f) | mixed | 0x7f7f7f7f);
    if (zero !== 0) count += Math.imul(zero >>> 7, 0x01010101) >>> 24;
  }
  for (at += words.length * 4; at < to; at++) if (block[at] === LINE_FEED) count++;
  return count;
}
