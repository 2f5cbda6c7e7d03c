/**
 * Where the chunks of a log end: 8 bytes each, little endian, in order. A chunk begins where the one before it ends, so this is the whole
 * index, any entry is found without reading the others, and a torn last entry is simply not one.
 */
import type { FileHandle } from 'node:fs/promises';

export const ENTRY_BYTES = 8;

export function entries(ends: readonly number[]): Buffer {
  const data = Buffer.alloc(ends.length * ENTRY_BYTES);
  for (const [at, end] of ends.entries()) data.writeBigUInt64LE(BigInt(end), at * ENTRY_BYTES);
  return data;
}

/** @returns the ends of chunks `first` to `first + count - 1`, as far as the file goes. */
export async function readEnds(index: FileHandle, first: number, count: number): Promise<number[]> {
  const data = Buffer.alloc(count * ENTRY_BYTES);
  const { bytesRead } = await index.read(data, 0, data.length, first * ENTRY_BYTES);
  return Array.from({ length: Math.floor(bytesRead / ENTRY_BYTES) }, (_, at) => Number(data.readBigUInt64LE(at * ENTRY_BYTES)));
}

/** @returns the number of the chunk that holds byte `offset`; `count` when none of them does. */
export async function chunkAt(index: FileHandle, count: number, offset: number): Promise<number> {
  let low = 0;
  for (let high = count; low < high;) {
    const middle = Math.floor((low + high) / 2);
    const [end = 0] = await readEnds(index, middle, 1);
    if (end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
