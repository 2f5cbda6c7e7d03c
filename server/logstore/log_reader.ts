/** Reads what is on disk of a log, open or closed. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { toLogChunk } from './chunk.ts';
import { chunkAt, readEnds } from './chunk_index.ts';
import type { RunPaths } from './layout.ts';
import type { LogChunk } from './port.ts';

/** One answer holds at most about this much, whatever was asked for; the caller asks on. */
const CHUNKS_READ_MAX_BYTES = 4_194_304;
const ENDS_AT_A_TIME = 512;
const STREAM_READ_BYTES = 65_536;

export interface Extent {
  run_id: number;
  bytes: number;
  chunks: number;
}

/** @throws Failure `gone` when the file is shorter than its record says. */
export async function readChunks(
  paths: RunPaths,
  { run_id, bytes, chunks }: Extent,
  offset: number,
  max_bytes: number,
): Promise<LogChunk[]> {
  if (offset >= bytes) return [];
  const index = await open(paths.chunks);
  try {
    const first = await chunkAt(index, chunks, offset);
    const begin = first === 0 ? 0 : ((await readEnds(index, first - 1, 1))[0] ?? 0);
    const ends = await endsWithin(index, { first, chunks, begin, max_bytes: Math.min(max_bytes, CHUNKS_READ_MAX_BYTES) });
    const data = await readRange(paths, run_id, begin, ends.at(-1) ?? begin);
    return ends.map((end, at) => {
      const from = at === 0 ? begin : (ends[at - 1] ?? begin);
      return toLogChunk(run_id, { seq: first + at, offset: from, data: data.subarray(from - begin, end - begin) }, offset);
    });
  } finally {
    await index.close();
  }
}

/** Where the chunks end that are to be read: at least one of them, and no more than fit. */
async function endsWithin(
  index: FileHandle,
  { first, chunks, begin, max_bytes }: { first: number; chunks: number; begin: number; max_bytes: number },
): Promise<number[]> {
  const found: number[] = [];
  for (let at = first; at < chunks; at += ENDS_AT_A_TIME) {
    for (const end of await readEnds(index, at, Math.min(ENDS_AT_A_TIME, chunks - at))) {
      if (found.length > 0 && end - begin > max_bytes) return found;
      found.push(end);
    }
  }
  return found;
}

/** Bytes [from, to) in pieces. */
export async function* streamRange(paths: RunPaths, run_id: number, from: number, to: number): AsyncGenerator<Buffer> {
  const file = await open(paths.log);
  try {
    for (let at = from; at < to; at += STREAM_READ_BYTES) yield await readExactly(file, run_id, at, Math.min(STREAM_READ_BYTES, to - at));
  } finally {
    await file.close();
  }
}

async function readRange(paths: RunPaths, run_id: number, from: number, to: number): Promise<Buffer> {
  const file = await open(paths.log);
  try {
    return await readExactly(file, run_id, from, to - from);
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, run_id: number, position: number, length: number): Promise<Buffer> {
  const data = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(data, done, length - done, position + done);
    if (bytesRead === 0) throw new Failure('gone', `The log of run ${run_id} is shorter than it was when it was written; its end is gone.`);
    done += bytesRead;
  }
  return data;
}
