/** Parts of a log of equal size, by the lines that begin in them. */
import type { FileHandle } from 'node:fs/promises';
import { SEARCH_BUCKETS } from '../../../src/shared/protocol/log_bounds.ts';
import type { LogBytes } from '../log_bytes.ts';
import type { LogSource } from '../port.ts';
import { FeedCount } from './feed_count.ts';

/** @returns for each bucket the number of the first line that begins in it or behind it. */
export function bucketLines(log: LogBytes, index: FileHandle | null, source: LogSource): number[] {
  const feeds = new FeedCount(log, index, source);
  const lines: number[] = [];
  for (let bucket = 0; bucket < SEARCH_BUCKETS; bucket++) {
    const begin = Math.ceil((bucket * source.bytes) / SEARCH_BUCKETS);
    // A line begins at 0 and behind every line feed.
    lines.push(begin === 0 ? 1 : 2 + feeds.before(begin - 1));
  }
  return lines;
}
