/** Reads the chunks of a log from disk, open or closed. */
import { toLogChunk } from './chunk.ts';
import { withIndex, type IndexReader } from './index_reader.ts';
import { withLogBytes } from './log_bytes.ts';
import type { IndexEntry } from './log_index.ts';
import type { LogChunk, LogSource } from './port.ts';

/** One answer holds at most about this much, whatever was asked for; the caller asks on. */
const CHUNKS_READ_MAX_BYTES = 4_194_304;

/** @throws Failure `gone` when a file is shorter than its record says. */
export async function readChunks(source: LogSource, offset: number, max_bytes: number): Promise<LogChunk[]> {
  if (offset >= source.bytes || source.chunks === 0) return [];
  const { first, before, entries } = await withIndex(source, (index) =>
    entriesFrom(index, offset, Math.min(max_bytes, CHUNKS_READ_MAX_BYTES)),
  );
  const data = await withLogBytes(source, (log) => log.read(before.end, entries.at(-1)?.end ?? before.end));
  return entries.map(({ end, at_ms }, at) => {
    const from = entries[at - 1] ?? before;
    const raw = {
      seq: first + at,
      offset: from.end,
      data: data.subarray(from.end - before.end, end - before.end),
      line: from.feeds + 1,
      at_ms,
    };
    return toLogChunk(source.run_id, raw, offset);
  });
}

/** The chunks that are to be read, and what holds before them: at least one, and no more than fit. */
async function entriesFrom(
  index: IndexReader,
  offset: number,
  max_bytes: number,
): Promise<{ first: number; before: IndexEntry; entries: IndexEntry[] }> {
  const first = await index.first(({ end }) => end > offset);
  const before = await index.entry(first - 1);
  const entries: IndexEntry[] = [];
  for (let chunk = first; chunk < index.count; chunk++) {
    const entry = await index.entry(chunk);
    if (entries.length > 0 && entry.end - before.end > max_bytes) break;
    entries.push(entry);
  }
  return { first, before, entries };
}
