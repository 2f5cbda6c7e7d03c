/** A finished log of an older version, which has no times and no line numbers: given an index the first time it is looked at. */
import { rename, rm } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { buildIndex } from './build_index.ts';
import { isCode, writeNew, type Disk } from './disk.ts';
import { openLogBytes } from './log_bytes.ts';
import { knownCuts } from './known_cuts.ts';
import type { RunPaths } from './layout.ts';
import type { ClosedRecord } from './records.ts';

/** @returns its record with what was missing, which is also put in the place of the old one. @throws Failure `storage_full`. */
export async function indexOldLog(disk: Disk, paths: RunPaths, run_id: number, old: ClosedRecord): Promise<ClosedRecord> {
  const { bytes, chunks } = old;
  // In frames, when it was compressed before anybody looked.
  const log = await openLogBytes({
    type: 'plain',
    path: paths.log,
    run_id,
    bytes,
    chunks,
    lines: 0,
    closed: true,
    index_path: paths.index,
  });
  try {
    const cuts = knownCuts(paths, old.bytes);
    const record = { ...old, ...(await buildIndex({ disk, paths, log, size: old.bytes, cuts, seen: () => undefined })) };
    const next = `${paths.closed}.new`;
    await rm(next, { force: true });
    await writeNew(disk, next, JSON.stringify(record));
    await rename(next, paths.closed);
    return record;
  } catch (error) {
    if (isCode(error, 'ENOSPC', 'EDQUOT'))
      throw new Failure('storage_full', `There is no space left on the server to index the log of run ${run_id}.`, { cause: error });
    throw error;
  } finally {
    await log.close();
  }
}
