/**
 * The writing side of one log: masks, buffers and flushes. What one flush writes is one chunk (or several, when it is more than a chunk
 * may hold); a character whose last bytes have not come yet waits for them.
 */
import type { Clock } from '../clock.ts';
import type { LogFile } from './log_file.ts';
import { CHUNK_MAX_BYTES } from './log_file.ts';
import type { Masker } from './masker.ts';
import type { ClosedLog, LogChunk, RunLog } from './port.ts';
import type { ClosedRecord } from './records.ts';
import type { OutputTimes } from './output_times.ts';
import { TailCache } from './tail_cache.ts';
import { unfinished } from './utf8_cut.ts';

/** A viewer sees a line at most about this long after it was written. */
export const FLUSH_AFTER_MS = 15;
/** `drained` waits while more than this is buffered. */
export const WRITE_BUFFER_HIGH_BYTES = 262_144;
export const TAIL_CACHE_BYTES = 1_048_576;

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
  #queue: Buffer[] = [];
  /** The beginning of a character. Not in the queue: it alone is no reason to flush. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes that are queued or being written. */
  #buffered = 0;
  #flushing: Promise<void> | null = null;
  #undo_timer: (() => void) | null = null;
  #ending: Promise<ClosedLog> | null = null;
  #record: ClosedRecord | null = null;

  constructor(options: OpenLogOptions) {
    this.#options = options;
    this.#tail = new TailCache(options.run_id, TAIL_CACHE_BYTES);
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
    this.#enqueue(this.#options.masker.push(data));
    this.#flushInTime();
  }

  drained(): Promise<void> | undefined {
    return this.#buffered < WRITE_BUFFER_HIGH_BYTES ? undefined : this.#drain();
  }

  close(): Promise<ClosedLog> {
    return (this.#ending ??= this.#end());
  }

  async #drain(): Promise<void> {
    while (this.#buffered >= WRITE_BUFFER_HIGH_BYTES) await this.#flush();
  }

  #enqueue(data: Buffer): void {
    if (data.length === 0) return;
    this.#queue.push(data);
    this.#buffered += data.length;
  }

  #flushInTime(): void {
    if (this.#flushing || this.#queue.length === 0) return;
    const { clock } = this.#options;
    if (this.#buffered >= CHUNK_MAX_BYTES) void this.#flush();
    else this.#undo_timer ??= clock.wakeAt(clock.now() + FLUSH_AFTER_MS, () => void this.#flush());
  }

  /** Never rejects. Joins the flush that runs, if one does. */
  #flush(): Promise<void> {
    return (this.#flushing ??= this.#writeQueue(false).finally(() => {
      this.#flushing = null;
      this.#flushInTime();
    }));
  }

  async #writeQueue(last: boolean): Promise<void> {
    this.#undo_timer?.();
    this.#undo_timer = null;
    const parts = this.#held.length === 0 ? this.#queue : [this.#held, ...this.#queue];
    const all = ownMemory(parts) ?? Buffer.concat(parts);
    const end = last ? all.length : all.length - unfinished(all);
    this.#queue = [];
    this.#held = Buffer.from(all.subarray(end));
    const chunks = await this.#options.file.append(all.subarray(0, end));
    this.#buffered -= end;
    for (const chunk of chunks) this.#tail.add(chunk);
    if (chunks.length > 0) this.#options.grown();
  }

  async #end(): Promise<ClosedLog> {
    const { file, masker, run_id, report, complete, ended } = this.#options;
    this.#enqueue(masker.end());
    while (this.#flushing) await this.#flushing;
    await this.#writeQueue(true);
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

/** The only part, if keeping it in the tail does not keep much more memory alive than it shows: then it need not be copied. */
function ownMemory([only, second]: readonly Buffer[]): Buffer | null {
  return only !== undefined && second === undefined && only.length * 2 > only.buffer.byteLength ? only : null;
}
