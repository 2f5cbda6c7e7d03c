/** Parts of a log of equal size, by the lines that begin in them. */
import type { FileHandle } from 'node:fs/promises';
import { SEARCH_BUCKETS } from '../../../src/shared/protocol/run_log.ts';
import type { LogBytes } from '../log_bytes.ts';
import { lastEntryBefore, type IndexEntry } from '../log_index.ts';
import type { LogSource } from '../port.ts';

const COUNT_BYTES = 1_048_576;
const LINE_FEED = 10;

/** @returns for each bucket the number of the first line that begins in it or behind it. */
export async function bucketLines(log: LogBytes, index: FileHandle | null, { bytes, chunks }: LogSource): Promise<number[]> {
  const lines: number[] = [];
  let last: Pick<IndexEntry, 'end' | 'feeds'> = { end: 0, feeds: 0 };

  /** Line feeds before `offset`, which never falls. */
  async function feedsBefore(offset: number): Promise<number> {
    const entry = index === null || offset - last.end < COUNT_BYTES ? null : lastEntryBefore(index, chunks, offset);
    if (entry !== null && entry.end > last.end) last = entry;
    let { feeds } = last;
    for (let at = last.end; at < offset; at += COUNT_BYTES) feeds += feedsIn(await log.read(at, Math.min(at + COUNT_BYTES, offset)));
    last = { end: offset, feeds };
    return feeds;
  }

  for (let bucket = 0; bucket < SEARCH_BUCKETS; bucket++) {
    const begin = Math.ceil((bucket * bytes) / SEARCH_BUCKETS);
    // A line begins at 0 and behind every line feed.
    lines.push(begin === 0 ? 1 : 2 + (await feedsBefore(begin - 1)));
  }
  return lines;
}

function feedsIn(data: Buffer): number {
  let count = 0;
  for (let feed = data.indexOf(LINE_FEED); feed >= 0; feed = data.indexOf(LINE_FEED, feed + 1)) count++;
  return count;
}
