/** One reader's look into the index of a log: entries are read in pages and kept, so that what lies near costs nothing. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { PLAIN_PACKED } from '../../src/shared/output/packed_style.ts';
import { Failure } from '../failure.ts';
import { readEntries, type IndexEntry } from './log_index.ts';
import type { LogSource } from './port.ts';
import { whyGone } from './why_gone.ts';

const PAGE_ENTRIES = 128;
/** A look that goes over more of the index than this keeps only the newest part. */
const PAGES_KEPT = 256;

export interface IndexReader {
  /** Entries there are. */
  readonly count: number;
  /** Of chunk `chunk`; of -1 what holds before the first. @throws Failure `gone` when the index is shorter than its record says. */
  entry(chunk: number): Promise<IndexEntry>;
  /** The first chunk from `from` on for which `reached` holds, as it then does for all that follow; `count` when there is none. */
  first(reached: (entry: IndexEntry) => boolean, from?: number): Promise<number>;
}

const BEFORE_ALL: IndexEntry = { end: 0, feeds: 0, at_ms: Number.NaN, style: PLAIN_PACKED };

/** The caller closes it. @throws Failure `log_deleted`, `gone`; the file system's error. */
export async function openIndex(source: LogSource): Promise<FileHandle> {
  try {
    return await open(source.index_path);
  } catch (error) {
    throw await whyGone(source, error);
  }
}

export async function withIndex<T>(source: LogSource, use: (index: IndexReader) => Promise<T>): Promise<T> {
  const file = await openIndex(source);
  try {
    return await use(indexReader(file, source.chunks));
  } finally {
    await file.close();
  }
}

export function indexReader(file: FileHandle, count: number): IndexReader {
  const pages = new Map<number, IndexEntry[]>();

  async function entry(chunk: number): Promise<IndexEntry> {
    if (chunk < 0) return BEFORE_ALL;
    const number = Math.floor(chunk / PAGE_ENTRIES);
    let page = pages.get(number);
    if (page === undefined) {
      if (pages.size >= PAGES_KEPT) pages.clear();
      page = await readEntries(file, number * PAGE_ENTRIES, PAGE_ENTRIES);
      pages.set(number, page);
    }
    const found = page[chunk % PAGE_ENTRIES];
    if (found === undefined)
      throw new Failure('gone', 'The index of this log is shorter than it was when it was written; its end is gone.');
    return found;
  }

  return {
    count,
    entry,
    async first(reached, from = 0) {
      // What is looked for is often near: the steps grow until they pass it.
      let low = from;
      let high = from;
      for (let step = 1; high < count && !reached(await entry(high)); step *= 2) {
        low = high + 1;
        high += step;
      }
      high = Math.min(high, count);
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (reached(await entry(middle))) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}
