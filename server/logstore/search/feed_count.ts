/** Line feeds before a place of a log: from the index up to near it, and counted from there. */
import type { FileHandle } from 'node:fs/promises';
import type { LogBytes } from '../log_bytes.ts';
import { lastEntryBefore, type IndexEntry } from '../log_index.ts';
import type { LogSource } from '../port.ts';
import { feedsIn } from './byte_kernel.ts';

/** Nearer than this to the place before, they are counted from there. */
const COUNT_BYTES = 1_048_576;

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
  async before(offset: number): Promise<number> {
    const index = this.#index;
    const entry = index === null || offset - this.#last.end < COUNT_BYTES ? null : lastEntryBefore(index, this.#chunks, offset);
    if (entry !== null && entry.end > this.#last.end) this.#last = entry;
    let { feeds } = this.#last;
    for (let at = this.#last.end; at < offset; at += COUNT_BYTES)
      feeds += feedsIn(await this.#log.read(at, Math.min(at + COUNT_BYTES, offset)));
    this.#last = { end: offset, feeds };
    return feeds;
  }
}
