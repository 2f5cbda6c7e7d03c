/**
 * The index of a log: 32 bytes a chunk, little endian, in order: where it ends (u64), line feeds up to there (u64), when it was stored (f64, ms
 * since the epoch, never less than the one before; NaN unknown), and the style after it (two u32). All of them grow or follow with the chunk, so
 * one binary search finds a chunk by byte, by line or by time; any entry is found without reading the others, and a torn last entry is simply
 * not one. A chunk begins where the one before it ends.
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { PackedStyle } from '../../src/shared/protocol/run_log.ts';

export const ENTRY_BYTES = 32;

export interface IndexEntry {
  end: number;
  /** Line feeds in bytes [0, end). */
  feeds: number;
  at_ms: number;
  /** After the last sequence that is complete by `end`. */
  style: PackedStyle;
}

/** A colour, -1 for none, takes 26 bits; the six flags lie above the foreground. */
const COLOR_BITS = 26;
const COLOR_MASK = 2 ** COLOR_BITS - 1;

export function packEntries(entries: readonly IndexEntry[]): Buffer {
  const data = Buffer.alloc(entries.length * ENTRY_BYTES);
  for (const [at, { end, feeds, at_ms, style }] of entries.entries()) {
    const from = at * ENTRY_BYTES;
    const [fg, bg, flags] = style;
    data.writeBigUInt64LE(BigInt(end), from);
    data.writeBigUInt64LE(BigInt(feeds), from + 8);
    data.writeDoubleLE(at_ms, from + 16);
    data.writeUInt32LE(fg + 1 + flags * 2 ** COLOR_BITS, from + 24);
    data.writeUInt32LE(bg + 1, from + 28);
  }
  return data;
}

/** Entries `first` to `first + count - 1`, as far as the file goes. */
export async function readEntries(index: FileHandle, first: number, count: number): Promise<IndexEntry[]> {
  const data = Buffer.alloc(count * ENTRY_BYTES);
  const { bytesRead } = await index.read(data, 0, data.length, first * ENTRY_BYTES);
  return Array.from({ length: Math.floor(bytesRead / ENTRY_BYTES) }, (_, at) => unpackEntry(data, at * ENTRY_BYTES));
}

function unpackEntry(data: Buffer, from: number): IndexEntry {
  const fg = data.readUInt32LE(from + 24);
  return {
    end: Number(data.readBigUInt64LE(from)),
    feeds: Number(data.readBigUInt64LE(from + 8)),
    at_ms: data.readDoubleLE(from + 16),
    style: [(fg & COLOR_MASK) - 1, (data.readUInt32LE(from + 28) & COLOR_MASK) - 1, fg >>> COLOR_BITS],
  };
}

/** The last of `count` entries that ends at or before `offset`; null when none does. Blocks: for a worker thread that asks for many. */
export function lastEntryBefore(index: FileHandle, count: number, offset: number): IndexEntry | null {
  const data = Buffer.alloc(ENTRY_BYTES);
  let found: IndexEntry | null = null;
  for (let low = 0, high = count; low < high;) {
    const middle = Math.floor((low + high) / 2);
    const entry = readSync(index.fd, data, 0, ENTRY_BYTES, middle * ENTRY_BYTES) < ENTRY_BYTES ? null : unpackEntry(data, 0);
    if (entry === null || entry.end > offset) high = middle;
    else {
      found = entry;
      low = middle + 1;
    }
  }
  return found;
}
