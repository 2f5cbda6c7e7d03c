/**
 * A log in zstd frames. `log.zst` is an ordinary zstd file (`zstdcat` reads it); each of its frames holds `FRAME_RAW_BYTES` of the log and can be
 * unpacked without the others. `frames` says where they end, u64 little endian: first the raw bytes a frame holds, then the end of each
 * frame in `log.zst`. So the frame that holds a byte is found without reading the table, and reading a range unpacks no more than it touches.
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';

export const FRAME_RAW_BYTES = 262_144;
/** More than this is no log of ours: a damaged table must not make us reserve memory. */
const FRAME_RAW_MAX_BYTES = 16_777_216;
const COMPRESSION_LEVEL = 3;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** With a checksum, so that damage is noticed when it is read. In the thread pool. */
export function packFrame(data: Buffer): Promise<Buffer> {
  return compress(data, {
    params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/** @throws when it is damaged, or holds more than `raw_bytes`. In the thread pool. */
export async function unpackFrame(data: Buffer, raw_bytes: number): Promise<Buffer> {
  return noMore(await decompress(data, inOneStep(raw_bytes)), raw_bytes);
}

/** As `unpackFrame`, while the thread waits. */
export function unpackFrameNow(data: Buffer, raw_bytes: number): Buffer {
  return noMore(zstdDecompressSync(data, inOneStep(raw_bytes)), raw_bytes);
}

/** Some room is left behind the last byte: where there is none it is asked once more for more, which takes as long as half of the unpacking. */
const ROOM_LEFT_BYTES = 64;

function inOneStep(raw_bytes: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: raw_bytes + ROOM_LEFT_BYTES, chunkSize: raw_bytes + ROOM_LEFT_BYTES };
}

function noMore(data: Buffer, raw_bytes: number): Buffer {
  if (data.length > raw_bytes) throw new Error(`a frame of ${raw_bytes} bytes holds ${data.length}`);
  return data;
}

export function frameTable(raw_bytes: number, ends: readonly number[]): Buffer {
  const data = Buffer.alloc((ends.length + 1) * 8);
  for (const [at, value] of [raw_bytes, ...ends].entries()) data.writeBigUInt64LE(BigInt(value), at * 8);
  return data;
}

/** @returns raw bytes a frame holds; 0 when the table is damaged. */
export async function rawBytesOf(table: FileHandle): Promise<number> {
  const [raw = 0] = await readNumbers(table, 0, 1);
  return raw <= FRAME_RAW_MAX_BYTES ? raw : 0;
}

/** Where frames [first, last] begin and end in `log.zst`; fewer when the table is shorter. */
export async function framePlaces(table: FileHandle, first: number, last: number): Promise<{ begin: number; end: number }[]> {
  return placesOf(first, await readNumbers(table, first, last - first + 2));
}

/** Where one frame begins and ends; undefined when the table is shorter. While the thread waits. */
export function framePlaceNow(table: FileHandle, frame: number): { begin: number; end: number } | undefined {
  const data = Buffer.alloc(2 * 8);
  return placesOf(frame, numbersOf(data, readSync(table.fd, data, 0, data.length, frame * 8)))[0];
}

/** @param numbers from the one before the first end: the end before that, or, of frame 0, the raw bytes of a frame. */
function placesOf(first: number, [before = 0, ...ends]: readonly number[]): { begin: number; end: number }[] {
  return ends.map((end, at) => ({ begin: at === 0 ? (first === 0 ? 0 : before) : (ends[at - 1] ?? 0), end }));
}

async function readNumbers(table: FileHandle, first: number, count: number): Promise<number[]> {
  const data = Buffer.alloc(count * 8);
  const { bytesRead } = await table.read(data, 0, data.length, first * 8);
  return numbersOf(data, bytesRead);
}

function numbersOf(data: Buffer, bytesRead: number): number[] {
  return Array.from({ length: Math.floor(bytesRead / 8) }, (_, at) => Number(data.readBigUInt64LE(at * 8)));
}
