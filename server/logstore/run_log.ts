/**
 * The writing side of one log: masks, buffers and flushes. What one flush writes is one chunk (or several, when it is more than a chunk
 * may hold); a character whose last bytes have not come yet waits for them. While the disk is at a flush, the next is filled.
 */
import type { Clock } from '../clock.ts';
import { BLOCK_BYTES, Incoming } from './incoming.ts';
import type { LogFile } from './log_file.ts';
import type { Masker } from './masker.ts';
import type { ClosedLog, LogChunk, RunLog } from './port.ts';
import type { ClosedRecord } from './records.ts';
import type { OutputTimes } from './output_times.ts';
import { TailCache } from './tail_cache.ts';

/** A viewer sees a line at most about this long after it was written. */
export const FLUSH_AFTER_MS = 15;
/** `drained` waits while more than this is buffered. */
export const WRITE_BUFFER_HIGH_BYTES = 1_048_576;
/** So much is not waited with: a child that floods is written in large pieces. */
const FLUSH_AT_BYTES = BLOCK_BYTES;
export const TAIL_CACHE_BYTES = 1_048_576;
const NOTHING = Buffer.alloc(0);

export interface OpenLogOptions {
  run_id: number;
  file: LogFile;
  masker: Masker;
  clock: Clock;
  report: (message: string, detail?: unknown) => void;
  /** The readable size has grown. */
  grown: () => void;
  /** Puts on record that the log is complete. */
  complete: (record: ClosedRecord) => Promise<void>;
  /** Called once, when it is closed. @param recorded false when that could not be put on record. */
  ended: (recorded: boolean) => void;
}

export class OpenLog implements RunLog {
  readonly #options: OpenLogOptions;
  readonly #tail: TailCache;
  readonly #incoming: Incoming;
  #writing: Buffer = NOTHING;
  #flushing: Promise<void> | null = null;
  #undo_timer: (() => void) | null = null;
  #ending: Promise<ClosedLog> | null = null;
  #record: ClosedRecord | null = null;

  constructor(options: OpenLogOptions) {
    this.#options = options;
    this.#tail = new TailCache(options.run_id, TAIL_CACHE_BYTES);
    this.#incoming = new Incoming((memory) => memory === this.#writing.buffer || this.#tail.holds(memory));
  }

  get bytes(): number {
    return this.#options.file.bytes;
  }
  get chunks(): number {
    return this.#options.file.chunks;
  }
  get lines(): number {
    return this.#options.file.lines;
  }
  get times(): OutputTimes {
    return this.#options.file.times;
  }
  /** Null while it is open. */
  get record(): ClosedRecord | null {
    return this.#record;
  }

  /** The newest chunks from `offset` on; null when that lies before those kept in memory. */
  recent(offset: number, max_bytes: number): LogChunk[] | null {
    return offset >= this.bytes ? [] : this.#tail.from(offset, max_bytes);
  }

  write(data: Buffer): void {
    if (this.#ending) throw new Error(`run ${this.#options.run_id}: its log is closed`);
    this.#options.masker.push(data, this.#put);
    this.#flushInTime();
  }

  drained(): Promise<void> | undefined {
    return this.#buffered < WRITE_BUFFER_HIGH_BYTES ? undefined : this.#drain();
  }

  close(): Promise<ClosedLog> {
    return (this.#ending ??= this.#end());
  }

  /** Waiting or being written. */
  get #buffered(): number {
    return this.#incoming.bytes + this.#writing.length;
  }

  readonly #put = (data: Buffer): void => this.#incoming.put(data);

  async #drain(): Promise<void> {
    while (this.#buffered >= WRITE_BUFFER_HIGH_BYTES) await this.#flush();
  }

  #flushInTime(): void {
    // The beginning of a character alone is no reason to flush.
    if (this.#flushing || !this.#incoming.ready) return;
    const { clock } = this.#options;
    if (this.#incoming.bytes >= FLUSH_AT_BYTES) void this.#flush();
    else this.#undo_timer ??= clock.after(FLUSH_AFTER_MS, () => void this.#flush());
  }

  /** Never rejects. Joins the flush that runs, if one does. */
  #flush(): Promise<void> {
    return (this.#flushing ??= this.#writeSome(false).finally(() => {
      this.#flushing = null;
      this.#flushInTime();
    }));
  }

  async #writeSome(last: boolean): Promise<void> {
    this.#undo_timer?.();
    this.#undo_timer = null;
    // Also when nothing is left: a line about what is missing may be owed.
    this.#writing = this.#incoming.take(last) ?? NOTHING;
    const chunks = await this.#options.file.append(this.#writing);
    for (const chunk of chunks) this.#tail.add(chunk);
    this.#writing = NOTHING;
    if (chunks.length > 0) this.#options.grown();
  }

  async #end(): Promise<ClosedLog> {
    const { file, masker, run_id, report, complete, ended } = this.#options;
    masker.end(this.#put);
    while (this.#flushing) await this.#flushing;
    do await this.#writeSome(true);
    while (this.#incoming.bytes > 0);
    const record = file.record();
    let recorded = false;
    try {
      await file.finish();
      await complete(record);
      recorded = true;
    } catch (error) {
      report(`run ${run_id}: its log could not be completed; the next start of the server mends it`, error);
    }
    this.#record = record;
    ended(recorded);
    const { chunks: _, output: __, ...closed } = record;
    return closed;
  }
}
