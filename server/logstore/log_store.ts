/**
 * Run logs: one byte-exact file a run, masked before the first write.
 *
 * Invariant: the file is the truth, and everything else is a view of it. Chunks are cut between characters, numbered from 0, and the same
 * for every reader, live or after a restart; a byte is shown only when it and its index entry are in the file. Without this a resumed
 * viewer would see text twice or not at all, and a log could show what the file does not hold.
 *
 * It refuses to write a run's log twice, to hold more than a bounded part of a log in memory, and to fail a run because its log cannot be
 * stored (it says what is missing instead).
 */
import { mkdir, rm, stat as statFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { createFiles, recordClosed } from './create_files.ts';
import type { Disk } from './disk.ts';
import { isCode, realDisk } from './disk.ts';
import { highestRun, numbersIn, openFolder, runPaths } from './layout.ts';
import { LogFile } from './log_file.ts';
import { readChunks, streamRange } from './log_reader.ts';
import { createMasker } from './masker.ts';
import type { LogMeta, LogStat, LogStore } from './port.ts';
import { ClosedRecord, MetaRecord, readRecord } from './records.ts';
import { mendLog } from './recovery.ts';
import { OpenLog } from './run_log.ts';
import { SECRET_MIN_BYTES, secretForms } from './secret_forms.ts';

export interface LogStoreOptions {
  /** Made when it is not there. */
  folder: string;
  /** The server's own log. */
  report: (message: string, detail?: unknown) => void;
  clock: Clock;
  disk?: Disk;
}

/** @throws when the folder cannot be made or read. */
export async function openLogStore({ folder, report, clock, disk = realDisk }: LogStoreOptions): Promise<LogStore> {
  await mkdir(join(folder, 'runs'), { recursive: true });
  await mkdir(openFolder(folder), { recursive: true });
  let highest = await highestRun(folder);
  const running = new Map<number, { meta: LogMeta; log: OpenLog }>();
  const listeners = new Set<Parameters<LogStore['onChange']>[0]>();
  let closing = false;
  let short_secret_told = false;

  function changed(run_id: number, bytes: number, closed: boolean): void {
    for (const listener of [...listeners]) {
      try {
        listener(run_id, { bytes, closed });
      } catch (error) {
        report(`a listener to run ${run_id}'s log failed`, error);
      }
    }
  }

  function tellShort(secrets: readonly string[]): void {
    if (short_secret_told || secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES)) return;
    short_secret_told = true;
    report(`a secret is shorter than ${SECRET_MIN_BYTES} bytes and is not masked in logs`);
  }

  async function onDisk(run_id: number): Promise<LogStat | null> {
    const paths = runPaths(folder, run_id);
    const meta = await readRecord(MetaRecord, paths.meta);
    if (!meta) return null;
    const closed = await readRecord(ClosedRecord, paths.closed);
    if (closed) return { meta, closed: true, ...closed };
    // Left open by an earlier life and not mended: its index may be wrong, so no chunk is shown, but its bytes are.
    const bytes = await statFile(paths.log).then(
      ({ size }) => size,
      (error: unknown) => (isCode(error, 'ENOENT') ? null : Promise.reject(error as Error)),
    );
    return bytes === null ? null : { meta, bytes, closed: false, chunks: 0 };
  }

  async function stat(run_id: number): Promise<LogStat | null> {
    const open = running.get(run_id);
    if (!open) return await onDisk(run_id);
    const { meta, log } = open;
    return log.record ? { meta, closed: true, ...log.record } : { meta, bytes: log.bytes, closed: false, chunks: log.chunks };
  }

  async function mend(run_id: number): Promise<void> {
    const paths = runPaths(folder, run_id);
    try {
      // Recorded already: the life before ended between the record and the removal of its mark.
      const record = (await readRecord(ClosedRecord, paths.closed)) ?? (await mendLog(paths));
      await recordClosed(disk, paths, record);
      changed(run_id, record.bytes, true);
    } catch (error) {
      const begun = !isCode(error, 'ENOENT');
      report(
        begun ? `the log of run ${run_id} could not be mended; it is shown as it is` : `run ${run_id} ended before its log was begun`,
        error,
      );
      if (!begun) await rm(paths.open_mark, { force: true });
    }
  }

  return {
    stat,

    async create(meta, secrets) {
      if (closing) throw new Failure('unavailable', 'The server is shutting down.');
      const { run_id } = meta;
      const paths = runPaths(folder, run_id);
      const files = await createFiles(disk, paths, meta);
      highest = Math.max(highest, run_id);
      tellShort(secrets);
      const file = new LogFile(files.log, files.index, (error) => report(`run ${run_id}: its output is not being stored`, error));
      const log: OpenLog = new OpenLog({
        run_id,
        file,
        masker: createMasker(secretForms(secrets)),
        clock,
        report,
        grown: () => changed(run_id, file.bytes, false),
        complete: (record) => recordClosed(disk, paths, record),
        ended: (recorded) => {
          if (recorded) running.delete(run_id);
          changed(run_id, file.bytes, true);
        },
      });
      running.set(run_id, { meta, log });
      return log;
    },

    async chunks(run_id, offset, max_bytes) {
      const open = running.get(run_id);
      const recent = open?.log.recent(offset, max_bytes);
      if (recent) return recent;
      const extent = await stat(run_id);
      return extent ? await readChunks(runPaths(folder, run_id), { run_id, ...extent }, offset, max_bytes) : [];
    },

    bytes(run_id, from, to) {
      async function* range(): AsyncGenerator<Buffer> {
        const extent = await stat(run_id);
        if (!extent) throw new Failure('not_found', `Run ${run_id} has no log.`);
        yield* streamRange(runPaths(folder, run_id), run_id, from, Math.min(to, extent.bytes));
      }
      return Readable.from(range(), { objectMode: false });
    },

    onChange(listener) {
      // Wrapped, so that one function registered twice is two registrations with two undos.
      const own: typeof listener = (run_id, change) => listener(run_id, change);
      listeners.add(own);
      return () => listeners.delete(own);
    },

    highestRunId: () => highest,

    async recover() {
      for (const run_id of await numbersIn(openFolder(folder))) if (!running.has(run_id)) await mend(run_id);
    },

    async close() {
      closing = true;
      await Promise.all([...running.values()].map(({ log }) => log.close()));
    },
  };
}
