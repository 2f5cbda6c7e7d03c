/** A chunk before it is text, so that one nobody watches is never decoded. */
import type { LogChunk } from './port.ts';
import { characterStart, decodeLossy } from './utf8_cut.ts';

export interface RawChunk {
  seq: number;
  offset: number;
  data: Buffer;
}

/** @param from where the reader begins; a chunk that began before it is cut to begin there, at the start of a character. */
export function toLogChunk(run_id: number, { seq, offset, data }: RawChunk, from: number): LogChunk {
  const skip = from > offset ? characterStart(data, from - offset) : 0;
  const rest = data.subarray(skip);
  return { run_id, seq, offset: offset + skip, bytes: rest.length, text: decodeLossy(rest) };
}
