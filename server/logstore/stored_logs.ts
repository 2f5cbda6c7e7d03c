/** Logs that nobody writes: what their records say, and completing those whose records are missing or older. */
import { rm, stat as statFile } from 'node:fs/promises';
import { isCode, type Disk } from './disk.ts';
import { runPaths } from './layout.ts';
import { indexOldLog } from './old_log.ts';
import type { LogMeta, LogStat } from './port.ts';
import { ClosedRecord, DeletedRecord, MetaRecord, readRecord } from './records.ts';
import { mendLog } from './recovery.ts';

export interface StoredLogsDeps {
  folder: string;
  disk: Disk;
  report: (message: string, detail?: unknown) => void;
  /** Until when a log is kept, and by which rules. @param closed null of one that is not closed, or not on record yet. */
  kept: (closed: ClosedRecord | null) => KeptFor;
  /** Puts on record that a log is complete. */
  complete: (run_id: number, record: ClosedRecord) => Promise<void>;
}
type KeptFor = Pick<LogStat, 'kept_until' | 'kept_why'>;

export interface StoredLogs {
  /** Null when there is no log. @throws Failure `storage_full` when an older log cannot be indexed. */
  stat(run_id: number): Promise<LogStat | null>;
  /** Completes a log that was left open. Never rejects. @returns its record, null when that could not be done. */
  mend(run_id: number): Promise<ClosedRecord | null>;
}

export function storedLogs({ folder, disk, report, kept, complete }: StoredLogsDeps): StoredLogs {
  /** Two readers at once must not both make the index. */
  const indexing = new Map<number, Promise<ClosedRecord>>();

  async function indexed(run_id: number, record: ClosedRecord): Promise<ClosedRecord> {
    if (record.output !== undefined) return record;
    const running = indexing.get(run_id) ?? indexOldLog(disk, runPaths(folder, run_id), run_id, record);
    indexing.set(run_id, running);
    try {
      return await running;
    } finally {
      indexing.delete(run_id);
    }
  }

  return {
    async stat(run_id) {
      const paths = runPaths(folder, run_id);
      const meta = await readRecord(MetaRecord, paths.meta);
      if (!meta) return null;
      const closed = await readRecord(ClosedRecord, paths.closed);
      const deleted = closed && (await readRecord(DeletedRecord, paths.deleted));
      if (closed && deleted)
        return { ...closedStat(meta, closed, { kept_until: null, kept_why: deleted.why }), bytes: 0, lines: 0, chunks: 0, deleted };
      if (closed) return closedStat(meta, await indexed(run_id, closed), kept(closed));
      // Left open by an earlier life and not mended: its index may be wrong, so no chunk is shown, but its bytes are.
      const bytes = await statFile(paths.log).then(
        ({ size }) => size,
        (error: unknown) => (isCode(error, 'ENOENT') ? null : Promise.reject(error as Error)),
      );
      if (bytes === null) return null;
      return { meta, bytes, closed: false, chunks: 0, ...NOT_INDEXED, ...kept(null) };
    },

    async mend(run_id) {
      const paths = runPaths(folder, run_id);
      try {
        // Recorded already: the life before ended between the record and the removal of its mark.
        const record = (await readRecord(ClosedRecord, paths.closed)) ?? (await mendLog(disk, paths, run_id));
        await complete(run_id, record);
        return record;
      } catch (error) {
        const begun = !isCode(error, 'ENOENT');
        report(
          begun ? `the log of run ${run_id} could not be mended; it is shown as it is` : `run ${run_id} ended before its log was begun`,
          error,
        );
        if (!begun) await rm(paths.open_mark, { force: true });
        return null;
      }
    },
  };
}

const NOT_INDEXED = { lines: 0, first_at: null, last_at: null, longest_pause_ms: 0 };

/** Of a log that is complete. */
export function closedStat(meta: LogMeta, { output, closed_at: _, ...record }: ClosedRecord, kept: KeptFor): LogStat {
  return { meta, closed: true, ...record, ...(output ?? NOT_INDEXED), ...kept };
}
