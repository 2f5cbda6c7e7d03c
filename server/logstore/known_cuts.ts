/**
 * What an index, also one of an older version or one that a crash left behind, says of where chunks end and when they were stored: as far as it
 * can be true. It is read in parts, so that a log of any length takes no more memory than a short one.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { isCode } from './disk.ts';
import type { RunPaths } from './layout.ts';
import { CHUNK_MAX_BYTES } from './log_file.ts';
import { readEntries } from './log_index.ts';

export interface KnownCut {
  end: number;
  /** NaN when it is not known. */
  at_ms: number;
}

const CUTS_AT_A_TIME = 4_096;
/** Of an older version's entries: the end alone. */
const END_BYTES = 8;

interface Entries {
  file: FileHandle;
  read(first: number, count: number): Promise<KnownCut[]>;
}

/** In order, some thousands at a time. @param size of the log. */
export async function* knownCuts(paths: RunPaths, size: number): AsyncGenerator<KnownCut[], void, undefined> {
  const entries = (await entriesIn(paths.index, readEntries)) ?? (await entriesIn(paths.chunks, readEnds));
  if (entries === null) return;
  try {
    let last: KnownCut = { end: 0, at_ms: Number.NaN };
    for (let first = 0; ; first += CUTS_AT_A_TIME) {
      const cuts: KnownCut[] = [];
      for (const { end, at_ms } of await entries.read(first, CUTS_AT_A_TIME)) {
        if (end <= last.end || end > size || end - last.end > CHUNK_MAX_BYTES) break;
        // A time that cannot be true is that of the chunk before.
        last = { end, at_ms: Number.isFinite(at_ms) && !(at_ms < last.at_ms) ? at_ms : last.at_ms };
        cuts.push(last);
      }
      yield cuts;
      if (cuts.length < CUTS_AT_A_TIME) return;
    }
  } finally {
    await entries.file.close();
  }
}

/** @returns null when there is no such file. */
async function entriesIn(
  path: string,
  read: (file: FileHandle, first: number, count: number) => Promise<KnownCut[]>,
): Promise<Entries | null> {
  try {
    const file = await open(path);
    return { file, read: (first, count) => read(file, first, count) };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function readEnds(file: FileHandle, first: number, count: number): Promise<KnownCut[]> {
  const data = Buffer.alloc(count * END_BYTES);
  const { bytesRead } = await file.read(data, 0, data.length, first * END_BYTES);
  return Array.from({ length: Math.floor(bytesRead / END_BYTES) }, (_, at) => ({
    end: Number(data.readBigUInt64LE(at * END_BYTES)),
    at_ms: Number.NaN,
  }));
}
