/** Line feeds before a place of a log: from the index up to near it, and counted from there. For a worker thread, which waits. */
import type { FileHandle } from 'node:fs/promises';
import type { LogBytes } from '../log_bytes.ts';
import { lastEntryBefore, type IndexEntry } from '../log_index.ts';
import type { LogSource } from '../port.ts';
import { BLOCK_BYTES, BLOCK_ROOM, feedsIn } from './byte_kernel.ts';

/** Nearer than this to the place before, they are counted from there: that takes no longer than looking into the index. */
const NEAR_BYTES = 131_072;

export class FeedCount {
  readonly #log: LogBytes;
  readonly #index: FileHandle | null;
  readonly #chunks: number;
  #last: Pick<IndexEntry, 'end' | 'feeds'> = { end: 0, feeds: 0 };

  constructor(log: LogBytes, index: FileHandle | null, { chunks }: LogSource) {
    this.#log = log;
    this.#index = index;
    this.#chunks = chunks;
  }

  /** @param offset no lower than the one before. */
  before(offset: number): number {
    const index = this.#index;
    const entry = index === null || offset - this.#last.end < NEAR_BYTES ? null : lastEntryBefore(index, this.#chunks, offset);
    if (entry !== null && entry.end > this.#last.end) this.#last = entry;
    let { feeds } = this.#last;
    for (let at = this.#last.end; at < offset; at += BLOCK_BYTES)
      feeds += feedsIn(this.#log.readNow(at, Math.min(at + BLOCK_BYTES, offset), BLOCK_ROOM));
    this.#last = { end: offset, feeds };
    return feeds;
  }
}
