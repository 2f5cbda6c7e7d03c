/** Where lines begin in a log, and which they are. */
import type { FileHandle } from 'node:fs/promises';
import type { LogBytes } from '../log_bytes.ts';
import type { LogSource } from '../port.ts';
import { FeedCount } from './feed_count.ts';

const LOOKED_AT_BYTES = 65_536;
const LINE_FEED = 10;

/** The first line that begins at `offset` or behind it; `bytes` when none does. */
export async function lineStart(log: LogBytes, offset: number, bytes: number): Promise<number> {
  if (offset === 0) return 0;
  for (let at = offset - 1; at < bytes; at += LOOKED_AT_BYTES) {
    const feed = (await log.read(at, Math.min(at + LOOKED_AT_BYTES, bytes))).indexOf(LINE_FEED);
    if (feed >= 0) return at + feed + 1;
  }
  return bytes;
}

/** Number of the line that begins at `start`. */
export async function lineNumber(log: LogBytes, index: FileHandle | null, source: LogSource, start: number): Promise<number> {
  return 1 + (await new FeedCount(log, index, source).before(start));
}
