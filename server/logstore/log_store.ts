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
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { createFiles, recordClosed } from './create_files.ts';
import type { Disk } from './disk.ts';
import { realDisk } from './disk.ts';
import { highestRun, numbersIn, openFolder, runPaths } from './layout.ts';
import { KEEP_ALL, type KeepRules } from './keep_rules.ts';
import { linesOfLog, placeInLog, rangeOfLog } from './log_answers.ts';
import { LogFile } from './log_file.ts';
import { LogKeeper } from './log_keeper.ts';
import { LogMarks } from './log_marks.ts';
import { readChunks } from './log_reader.ts';
import { maskedText } from './masked_text.ts';
import { maskerFor } from './masker_for.ts';
import type { LogMeta, LogSource, LogStat, LogStore } from './port.ts';
import type { ClosedRecord } from './records.ts';
import { OpenLog } from './run_log.ts';
import { openLogSearch } from './search/log_search.ts';
import { SECRET_MIN_BYTES } from './secret_forms.ts';
import { sourceOnDisk } from './source_on_disk.ts';
import { closedStat, storedLogs } from './stored_logs.ts';
import type { LogJobs } from './worker/jobs.ts';
import { openWorkers, type Workers } from './worker/workers.ts';

const THREAD = new URL('./worker/thread.ts', import.meta.url);

export interface LogStoreOptions {
  /** Made when it is not there. */
  folder: string;
  /** The server's own log. */
  report: (message: string, detail?: unknown) => void;
  clock: Clock;
  disk?: Disk;
  /** How long closed logs are kept, asked anew for each look; all of them for ever, as they were written, when left out. */
  keep?: () => KeepRules | undefined;
  /** Something waits on the run: its log is not deleted. */
  isNeeded?: (run_id: number) => boolean;
  /** For what takes long over a log; threads of its own when left out. Closed with the store. */
  workers?: Workers<LogJobs>;
}

/** @throws when the folder cannot be made or read. */
export async function openLogStore(options: LogStoreOptions): Promise<LogStore> {
  const { folder, report, clock, disk = realDisk, keep = () => undefined, isNeeded = () => false } = options;
  const { workers = openWorkers<LogJobs>(clock, THREAD) } = options;
  await mkdir(join(folder, 'runs'), { recursive: true });
  await mkdir(openFolder(folder), { recursive: true });
  let highest = await highestRun(folder);
  const running = new Map<number, { meta: LogMeta; log: OpenLog }>();
  const listeners = new Set<Parameters<LogStore['onChange']>[0]>();
  const keeper = new LogKeeper({
    folder,
    disk,
    clock,
    report,
    rules: () => keep() ?? KEEP_ALL,
    isNeeded: (run_id) => running.has(run_id) || isNeeded(run_id),
  });
  const stored = storedLogs({ folder, disk, report, kept, complete });
  let closing = false;
  let short_secret_told = false;
  const marks = new LogMarks({ workers, source, marksPath: (run_id) => runPaths(folder, run_id).marks, clock, report });
  const finding = openLogSearch({ clock, workers, source, lines });

  function written(run_id: number, bytes: number, closed: boolean): void {
    marks.changed(run_id, closed);
    changed(run_id, bytes, closed);
  }

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

  function kept(closed: ClosedRecord | null): Pick<LogStat, 'kept_until' | 'kept_why'> {
    return { kept_until: keeper.keptUntil(closed?.closed_at), kept_why: keeper.keptWhy() };
  }

  /** On record for good, and from then on under the keeper's eyes. */
  async function complete(run_id: number, record: ClosedRecord): Promise<void> {
    await recordClosed(disk, runPaths(folder, run_id), { closed_at: clock.now(), ...record });
    await keeper.closed(run_id);
  }

  async function stat(run_id: number): Promise<LogStat | null> {
    const open = running.get(run_id);
    if (!open) return await stored.stat(run_id);
    const { meta, log } = open;
    if (log.record) return closedStat(meta, log.record, kept(null));
    return { meta, closed: false, bytes: log.bytes, lines: log.lines, chunks: log.chunks, ...log.times, ...kept(null) };
  }

  async function source(run_id: number): Promise<LogSource | null> {
    const extent = await stat(run_id);
    if (extent === null) return null;
    if (extent.deleted) throw new Failure('log_deleted', extent.deleted.why);
    return await sourceOnDisk(folder, run_id, extent);
  }

  async function lines(run_id: number, from: number, count: number): ReturnType<LogStore['lines']> {
    const where = await source(run_id);
    return where && (await linesOfLog(where, from, count));
  }

  return {
    stat,
    source,

    async create(meta, secrets) {
      if (closing) throw new Failure('unavailable', 'The server is shutting down.');
      const { run_id } = meta;
      const paths = runPaths(folder, run_id);
      const files = await createFiles(disk, paths, meta);
      highest = Math.max(highest, run_id);
      tellShort(secrets);
      const file = new LogFile(files, clock, (error) => report(`run ${run_id}: its output is not being stored`, error));
      const log: OpenLog = new OpenLog({
        run_id,
        file,
        masker: maskerFor(secrets),
        clock,
        report,
        grown: () => written(run_id, file.bytes, false),
        complete: (record) => complete(run_id, record),
        ended: (recorded) => {
          if (recorded) running.delete(run_id);
          written(run_id, file.bytes, true);
        },
      });
      running.set(run_id, { meta, log });
      return log;
    },

    masked: maskedText,

    async chunks(run_id, offset, max_bytes) {
      const open = running.get(run_id);
      const recent = open?.log.recent(offset, max_bytes);
      if (recent) return recent;
      // Of a deleted one nobody can be shown more than that it is gone.
      if ((await stat(run_id))?.deleted) return [];
      const where = await source(run_id);
      return where ? await readChunks(where, offset, max_bytes) : [];
    },

    lines,

    async place(run_id, asked) {
      const where = await source(run_id);
      return where && (await placeInLog(where, asked));
    },

    bytes(run_id, from, to) {
      async function* range(): AsyncGenerator<Buffer> {
        const where = await source(run_id);
        if (!where) throw new Failure('not_found', `Run ${run_id} has no log.`);
        yield* rangeOfLog(where, from, to);
      }
      return Readable.from(range(), { objectMode: false });
    },

    marks: (run_id) => marks.marks(run_id),
    search: (run_id, query, signal) => finding.search(run_id, query, signal),
    hits: (...asked) => finding.hits(...asked),
    hitLines: (...asked) => finding.hitLines(...asked),

    onChange(listener) {
      // Wrapped, so that one function registered twice is two registrations with two undos.
      const own: typeof listener = (run_id, change) => listener(run_id, change);
      listeners.add(own);
      return () => listeners.delete(own);
    },

    highestRunId: () => highest,

    async recover() {
      for (const run_id of await numbersIn(openFolder(folder))) {
        const record = running.has(run_id) ? null : await stored.mend(run_id);
        if (record) changed(run_id, record.bytes, true);
      }
      if (options.keep) void keeper.look();
    },

    async close() {
      closing = true;
      await keeper.close();
      await Promise.all([...running.values()].map(({ log }) => log.close()));
      marks.close();
      await workers.close();
    },
  };
}
