/**
 * Completes a log that an earlier life of the server left open: its index is made anew from the file, with the chunks that were in it, and then the
 * log can be put on record as complete.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { buildIndex } from './build_index.ts';
import type { Disk } from './disk.ts';
import { knownCuts } from './known_cuts.ts';
import type { RunPaths } from './layout.ts';
import { openPlainBytes } from './plain_bytes.ts';
import type { ClosedRecord } from './records.ts';

/** @throws ENOENT when there is no log. */
export async function mendLog(disk: Disk, paths: RunPaths, run_id: number): Promise<ClosedRecord> {
  const { size } = await stat(paths.log);
  const hash = createHash('sha256');
  const log = await openPlainBytes(paths.log, run_id);
  try {
    const { chunks, output } = await buildIndex({
      disk,
      paths,
      log,
      size,
      cuts: knownCuts(paths, size),
      seen: (data) => hash.update(data),
    });
    await syncFile(paths.log);
    return { bytes: size, chunks, sha256: hash.digest('hex'), output };
  } finally {
    await log.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
