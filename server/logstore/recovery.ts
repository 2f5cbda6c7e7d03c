/**
 * Completes a log that an earlier life of the server left open. The file is the truth: index entries that point beyond it or go backwards
 * are dropped, bytes that no entry covers become chunks, and then the log is put on record as complete.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { entries, ENTRY_BYTES, readEnds } from './chunk_index.ts';
import type { RunPaths } from './layout.ts';
import { CHUNK_MAX_BYTES } from './log_file.ts';
import type { ClosedRecord } from './records.ts';
import { cutPieces, unfinished } from './utf8_cut.ts';

const ENDS_AT_A_TIME = 4096;
const READ_BYTES = 1_048_576;

/** @throws ENOENT when there is no log. */
export async function mendLog(paths: RunPaths): Promise<ClosedRecord> {
  const log = await open(paths.log, 'r+');
  try {
    const index = await open(paths.chunks, 'a+');
    await index.close();
    return await mend(log, paths);
  } finally {
    await log.close();
  }
}

async function mend(log: FileHandle, paths: RunPaths): Promise<ClosedRecord> {
  const { size } = await log.stat();
  const index = await open(paths.chunks, 'r+');
  try {
    const sound = await soundEntries(index, size);
    await index.truncate(sound.chunks * ENTRY_BYTES);
    const added = await cutRest(log, sound.bytes, size);
    const data = entries(added);
    await index.write(data, 0, data.length, sound.chunks * ENTRY_BYTES);
    await Promise.all([log.datasync(), index.datasync()]);
    return { bytes: size, chunks: sound.chunks + added.length, sha256: await hashOf(log) };
  } finally {
    await index.close();
  }
}

/** How far the index agrees with the file. */
async function soundEntries(index: FileHandle, size: number): Promise<{ chunks: number; bytes: number }> {
  let [chunks, bytes] = [0, 0];
  for (;;) {
    const ends = await readEnds(index, chunks, ENDS_AT_A_TIME);
    for (const end of ends) {
      if (end <= bytes || end > size) return { chunks, bytes };
      chunks++;
      bytes = end;
    }
    if (ends.length < ENDS_AT_A_TIME) return { chunks, bytes };
  }
}

async function cutRest(log: FileHandle, from: number, size: number): Promise<number[]> {
  const ends: number[] = [];
  for (let begin = from; begin < size;) {
    const { buffer, bytesRead } = await log.read(Buffer.alloc(Math.min(READ_BYTES, size - begin)), 0, null, begin);
    const data = buffer.subarray(0, bytesRead);
    const whole = begin + bytesRead >= size ? data : data.subarray(0, bytesRead - unfinished(data));
    for (const piece of cutPieces(whole, CHUNK_MAX_BYTES)) ends.push((begin += piece.length));
    if (whole.length === 0) break;
  }
  return ends;
}

async function hashOf(log: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const data = Buffer.alloc(READ_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await log.read(data, 0, data.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(data.subarray(0, bytesRead));
    at += bytesRead;
  }
}
