/**
 * Keeps closed logs within their bounds, and compresses them. The oldest beyond any bound are deleted; a record of when, why and what it was
 * stays. It looks at boot and then at intervals, one log after another, each step an await: nothing waits for it.
 *
 * Invariant: a log that is open, or that something waits on, is never touched, and one that is being read is read to its end, because a file that
 * is removed stays for those who have it open. Without this an operator would be asked to confirm what can no longer be looked at.
 *
 * It refuses to guess: a log whose record cannot be read is left alone and said so.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { compressLog } from './compress_log.ts';
import { runsIn } from './copy_logs.ts';
import { deleteLog, removeFiles } from './delete_log.ts';
import type { Disk } from './disk.ts';
import { isCode, isThere } from './disk.ts';
import { beyond, keptWhy, type KeepRules } from './keep_rules.ts';
import { runPaths, type RunPaths } from './layout.ts';
import { ClosedRecord, DeletedRecord, readRecord } from './records.ts';

export const KEEP_EVERY_MS = 900_000;
/** A log is most often read soon after it was closed: until then it is not worth unpacking. */
export const COMPRESS_AFTER_MS = 3_600_000;
/** One that could not be compressed is not tried again before: packing a large log for nothing takes long, and on a full disk the room that others need. */
export const COMPRESS_AGAIN_MS = 86_400_000;
/** A file takes whole blocks of the disk: below this there is nothing to save. */
export const COMPRESS_MIN_BYTES = 8_192;

export interface LogKeeperOptions {
  folder: string;
  disk: Disk;
  clock: Clock;
  report: (message: string, detail?: unknown) => void;
  /** Asked anew for each look. */
  rules: () => KeepRules;
  /** Something waits on the run. */
  isNeeded: (run_id: number) => boolean;
}

interface Entry {
  closed_at: number;
  /** On the disk, all files of it. */
  bytes: number;
  /** Too small counts as well: nothing more is to be done. */
  compressed: boolean;
  /** Earliest time to compress it. */
  due_at: number;
}

export class LogKeeper {
  readonly #options: LogKeeperOptions;
  readonly #entries = new Map<number, Entry>();
  /** Of all entries. */
  #bytes = 0;
  #looked = false;
  #stopped = false;
  #undo_timer: (() => void) | null = null;
  #round: Promise<void> | null = null;

  constructor(options: LogKeeperOptions) {
    this.#options = options;
  }

  /** Looks now, and again at intervals. Never rejects. @returns when this look is over. */
  look(): Promise<void> {
    return (this.#round ??= this.#all().finally(() => (this.#round = null)));
  }

  /** A log was closed and recorded. Also during the first look, which may have passed it by. */
  async closed(run_id: number): Promise<void> {
    await this.#meet(run_id);
  }

  keptUntil(closed_at: number | undefined): number | null {
    const { keep_ms } = this.#options.rules();
    return keep_ms === null || closed_at === undefined ? null : closed_at + keep_ms;
  }

  keptWhy(): string {
    return keptWhy(this.#options.rules(), this.#looked ? { runs: this.#entries.size, bytes: this.#bytes } : null);
  }

  /** Ends between two steps. Idempotent. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#undo_timer?.();
    await this.#round;
  }

  async #all(): Promise<void> {
    const { clock, report } = this.#options;
    this.#undo_timer?.();
    try {
      if (!this.#looked) await this.#meetAll();
      await this.#deleteBeyond();
      await this.#compressDue();
    } catch (error) {
      if (!this.#stopped) report('logs could not be looked through for what is to be deleted or compressed', error);
    }
    if (!this.#stopped) this.#undo_timer = clock.after(KEEP_EVERY_MS, () => void this.look());
  }

  async #meetAll(): Promise<void> {
    for (const run_id of await runsIn(this.#options.folder)) {
      if (this.#stopped) return;
      await this.#meet(run_id);
    }
    this.#looked = true;
  }

  async #meet(run_id: number): Promise<void> {
    const { folder, disk, report } = this.#options;
    const paths = runPaths(folder, run_id);
    try {
      const closed = await readRecord(ClosedRecord, paths.closed);
      if (closed === null) return;
      // Deleted by a life that ended before all of it was gone.
      if ((await readRecord(DeletedRecord, paths.deleted)) !== null) return await removeFiles(disk, paths);
      const closed_at = closed.closed_at ?? (await stat(paths.closed)).mtimeMs;
      const compressed = closed.bytes < COMPRESS_MIN_BYTES || !(await isThere(paths.log));
      this.#set(run_id, { closed_at, bytes: await sizeOf(paths.folder), compressed, due_at: closed_at + COMPRESS_AFTER_MS });
    } catch (error) {
      report(`the log of run ${run_id} could not be looked at; it is kept`, error);
    }
  }

  #set(run_id: number, entry: Entry | null): void {
    this.#bytes += (entry?.bytes ?? 0) - (this.#entries.get(run_id)?.bytes ?? 0);
    if (entry === null) this.#entries.delete(run_id);
    else this.#entries.set(run_id, entry);
  }

  #oldestFirst(): [run_id: number, entry: Entry][] {
    return [...this.#entries].sort(([a_id, a], [b_id, b]) => a.closed_at - b.closed_at || a_id - b_id);
  }

  async #deleteBeyond(): Promise<void> {
    const { folder, disk, clock, report, rules, isNeeded } = this.#options;
    for (const [run_id, entry] of this.#oldestFirst()) {
      const why = beyond(rules(), entry.closed_at, { runs: this.#entries.size, bytes: this.#bytes }, clock.now());
      if (why === null || this.#stopped) return;
      if (isNeeded(run_id)) continue;
      const paths = runPaths(folder, run_id);
      try {
        const closed = await readRecord(ClosedRecord, paths.closed);
        if (closed === null) throw new Error('its record is gone');
        await deleteLog(disk, paths, { at_ms: clock.now(), why, bytes: closed.bytes, sha256: closed.sha256 });
        this.#set(run_id, null);
      } catch (error) {
        report(`the log of run ${run_id} could not be deleted`, error);
      }
    }
  }

  async #compressDue(): Promise<void> {
    const { folder, clock, rules } = this.#options;
    for (const [run_id, entry] of this.#oldestFirst()) {
      if (this.#stopped || !rules().compress) return;
      if (entry.compressed || clock.now() < entry.due_at) continue;
      const paths = runPaths(folder, run_id);
      const due_at = (await this.#compress(run_id, paths)) ? entry.due_at : clock.now() + COMPRESS_AGAIN_MS;
      // What is there tells: after an error, too, the frames may be all that is left.
      this.#set(run_id, { ...entry, bytes: await sizeOf(paths.folder), compressed: !(await isThere(paths.log)), due_at });
    }
  }

  /** @returns whether it could be done. */
  async #compress(run_id: number, paths: RunPaths): Promise<boolean> {
    const { disk, report } = this.#options;
    try {
      const closed = await readRecord(ClosedRecord, paths.closed);
      if (closed === null) throw new Error('its record is gone');
      await compressLog(run_id, paths, closed, { disk, goOn: () => this.#goOn() });
      return true;
    } catch (error) {
      if (!(error instanceof Stopping)) report(`the log of run ${run_id} could not be compressed; it stays as it is`, error);
      return false;
    }
  }

  #goOn(): void {
    if (this.#stopped) throw new Stopping();
  }
}

/** Between two frames, because the server is closing. */
class Stopping extends Error {}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += await sizeOfFile(join(folder, name));
  return bytes;
}

/** A file may get another name between two looks. */
async function sizeOfFile(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    (error: unknown) => (isCode(error, 'ENOENT') ? 0 : Promise.reject(error as Error)),
  );
}
