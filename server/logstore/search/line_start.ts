/** Where lines begin in a log, and which they are. */
import type { FileHandle } from 'node:fs/promises';
import type { LogBytes } from '../log_bytes.ts';
import type { LogSource } from '../port.ts';
import { BLOCK_BYTES, BLOCK_ROOM } from './byte_kernel.ts';
import { FeedCount } from './feed_count.ts';

const LINE_FEED = 10;

/** The first line that begins in [from, to); null when none does. */
export function lineStart(log: LogBytes, from: number, to: number): number | null {
  if (from === 0) return 0;
  for (let at = from - 1; at < to - 1; at += BLOCK_BYTES) {
    const feed = log.readNow(at, Math.min(at + BLOCK_BYTES, to - 1), BLOCK_ROOM).indexOf(LINE_FEED);
    if (feed >= 0) return at + feed + 1;
  }
  return null;
}

/** Number of the line that begins at `start`. */
export function lineNumber(log: LogBytes, index: FileHandle | null, source: LogSource, start: number): number {
  return 1 + new FeedCount(log, index, source).before(start);
}
