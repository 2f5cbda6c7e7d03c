/**
 * Compresses a closed log. Invariant: at any moment the log can be read. `log` counts as long as it is there, so it is removed last, when the frames are
 * on the device under their names and unpacking all of them gave the bytes whose hash was recorded when the log was closed; and no frames are
 * removed but beside it. What an earlier life left half done is made anew.
 */
import { createHash } from 'node:crypto';
import type { Disk } from './disk.ts';
import { openFrameBytes } from './frame_bytes.ts';
import { FRAME_RAW_BYTES, frameTable, packFrame } from './frames.ts';
import type { RunPaths } from './layout.ts';
import type { LogBytes } from './log_bytes.ts';
import { openPlainBytes } from './plain_bytes.ts';
import type { ClosedRecord } from './records.ts';

export interface CompressionDeps {
  disk: Disk;
  /** Asked between two frames; throws to stop. */
  goOn: () => void;
}

/** @returns bytes of the compressed log. @throws when it cannot be done; then the log is as it was, but for files that do not count. */
export async function compressLog(run_id: number, paths: RunPaths, closed: ClosedRecord, { disk, goOn }: CompressionDeps): Promise<number> {
  const log = await openPlainBytes(paths.log, run_id);
  let ends: number[];
  try {
    await removeFrames(disk, paths);
    ends = await writeFrames(log, paths.compressed, closed.bytes, { disk, goOn });
    await writeAll(disk, paths.frames, frameTable(FRAME_RAW_BYTES, ends));
    await disk.syncFolder(paths.folder);
    const found = await hashOfFrames(run_id, paths, closed.bytes, goOn);
    if (found !== closed.sha256) throw new Error(`unpacking the compressed log of run ${run_id} did not give the log; it stays as it is`);
  } catch (error) {
    // They would fill a disk that may be full. Where they cannot be removed, either, the first error is the one to tell.
    await removeFrames(disk, paths).catch(() => undefined);
    throw error;
  } finally {
    await log.close();
  }
  await disk.remove(paths.log);
  await disk.syncFolder(paths.folder);
  return ends.at(-1) ?? 0;
}

async function removeFrames(disk: Disk, paths: RunPaths): Promise<void> {
  await disk.remove(paths.compressed);
  await disk.remove(paths.frames);
}

async function writeFrames(log: LogBytes, path: string, bytes: number, { disk, goOn }: CompressionDeps): Promise<number[]> {
  const ends: number[] = [];
  let end = 0;
  const file = await disk.create(path);
  try {
    for (let at = 0; at < bytes; at += FRAME_RAW_BYTES) {
      goOn();
      const packed = await packFrame(await log.read(at, Math.min(bytes, at + FRAME_RAW_BYTES)));
      await file.write(packed, end);
      ends.push((end += packed.length));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return ends;
}

async function writeAll(disk: Disk, path: string, data: Buffer): Promise<void> {
  const file = await disk.create(path);
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function hashOfFrames(run_id: number, paths: RunPaths, bytes: number, goOn: () => void): Promise<string> {
  const hash = createHash('sha256');
  const frames = await openFrameBytes({ run_id, path: paths.compressed, frames_path: paths.frames });
  try {
    for await (const data of frames.stream(0, bytes)) {
      goOn();
      hash.update(data);
    }
  } finally {
    await frames.close();
  }
  return hash.digest('hex');
}
