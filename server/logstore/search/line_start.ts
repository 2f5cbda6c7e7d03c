/** Where lines begin in a log, and which they are. */
import type { FileHandle } from 'node:fs/promises';
import type { LogBytes } from '../log_bytes.ts';
import type { LogSource } from '../port.ts';
import { FeedCount } from './feed_count.ts';

const LOOKED_AT_BYTES = 1_048_576;
const LINE_FEED = 10;

/** The first line that begins in [from, to); null when none does. */
export async function lineStart(log: LogBytes, from: number, to: number): Promise<number | null> {
  if (from === 0) return 0;
  for (let at = from - 1; at < to - 1; at += LOOKED_AT_BYTES) {
    const feed = (await log.read(at, Math.min(at + LOOKED_AT_BYTES, to - 1))).indexOf(LINE_FEED);
    if (feed >= 0) return at + feed + 1;
  }
  return null;
}

/** Number of the line that begins at `start`. */
export async function lineNumber(log: LogBytes, index: FileHandle | null, source: LogSource, start: number): Promise<number> {
  return 1 + (await new FeedCount(log, index, source).before(start));
}
