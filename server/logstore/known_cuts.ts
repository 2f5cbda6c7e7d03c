/** What an index, also one of an older version or one that a crash left behind, says of where chunks end and when they were stored: as far as it can be true. */
import { open, readFile } from 'node:fs/promises';
import { isCode } from './disk.ts';
import type { RunPaths } from './layout.ts';
import { CHUNK_MAX_BYTES } from './log_file.ts';
import { readEntries } from './log_index.ts';

export interface KnownCut {
  end: number;
  /** NaN when it is not known. */
  at_ms: number;
}

const ENTRIES_AT_A_TIME = 4_096;
/** Of an older version's entries: the end alone. */
const END_BYTES = 8;

/** @param size of the log. */
export async function knownCuts(paths: RunPaths, size: number): Promise<KnownCut[]> {
  const found = (await fromIndex(paths.index)) ?? (await fromEnds(paths.chunks));
  const cuts: KnownCut[] = [];
  let last: KnownCut = { end: 0, at_ms: Number.NaN };
  for (const { end, at_ms } of found) {
    if (end <= last.end || end > size || end - last.end > CHUNK_MAX_BYTES) break;
    // A time that cannot be true is that of the chunk before.
    last = { end, at_ms: Number.isFinite(at_ms) && !(at_ms < last.at_ms) ? at_ms : last.at_ms };
    cuts.push(last);
  }
  return cuts;
}

/** @returns null when there is none. */
async function fromIndex(path: string): Promise<KnownCut[] | null> {
  let index;
  try {
    index = await open(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
  const cuts: KnownCut[] = [];
  try {
    for (;;) {
      const entries = await readEntries(index, cuts.length, ENTRIES_AT_A_TIME);
      for (const { end, at_ms } of entries) cuts.push({ end, at_ms });
      if (entries.length < ENTRIES_AT_A_TIME) return cuts;
    }
  } finally {
    await index.close();
  }
}

async function fromEnds(path: string): Promise<KnownCut[]> {
  try {
    const data = await readFile(path);
    return Array.from({ length: Math.floor(data.length / END_BYTES) }, (_, at) => ({
      end: Number(data.readBigUInt64LE(at * END_BYTES)),
      at_ms: Number.NaN,
    }));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
