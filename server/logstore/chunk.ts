/** A chunk before it is text, so that one nobody watches is never decoded. */
import type { LogChunk } from './port.ts';
import { feedsIn } from './tally.ts';
import { characterStart, decodeLossy } from './utf8_cut.ts';

export interface RawChunk {
  seq: number;
  offset: number;
  data: Buffer;
  /** Number of the line its first byte is in. */
  line: number;
  /** When it was stored, ms since the epoch; NaN when that is not known. */
  at_ms: number;
}

/** @param from where the reader begins; a chunk that began before it is cut to begin there, at the start of a character. */
export function toLogChunk(run_id: number, { seq, offset, data, line, at_ms }: RawChunk, from: number): LogChunk {
  const skip = from > offset ? characterStart(data, from - offset) : 0;
  const rest = data.subarray(skip);
  const chunk: LogChunk = { run_id, seq, offset: offset + skip, bytes: rest.length, text: decodeLossy(rest), line };
  if (skip > 0) chunk.line = line + feedsIn(data.subarray(0, skip));
  if (!Number.isNaN(at_ms)) chunk.at_ms = at_ms;
  return chunk;
}
