/**
 * A log's file and its index. They advance together or not at all, so nothing half written is ever shown.
 *
 * When the disk takes no more, the run goes on: what could not be written is counted, reported once, announced by a line of its own as
 * soon as the disk takes something again, and stated in the record at the end. Never silent, and no run fails for its log.
 */
import { createHash } from 'node:crypto';
import type { RawChunk } from './chunk.ts';
import type { Clock } from '../clock.ts';
import type { DiskFile } from './disk.ts';
import { ENTRY_BYTES, packEntries, type IndexEntry } from './log_index.ts';
import { OutputTimeline, type OutputTimes } from './output_times.ts';
import type { ClosedRecord } from './records.ts';
import { entryOf, linesOf, NOTHING_YET, tallied, type Tally } from './tally.ts';
import { cutPieces } from './utf8_cut.ts';

export const CHUNK_MAX_BYTES = 65_536;

export class LogFile {
  readonly #log: DiskFile;
  readonly #index: DiskFile;
  /** Told once for each gap. */
  readonly #losing: (error: unknown) => void;
  readonly #hash = createHash('sha256');
  readonly #lost = { all: 0, unsaid: 0, why: '' };
  readonly #clock: Clock;
  readonly #timeline: OutputTimeline;
  #tally = NOTHING_YET;
  #chunks = 0;
  /** A write that failed half-way may have left bytes behind the end, which a life that finds them takes for output. */
  #isTorn = false;

  constructor({ log, index }: { log: DiskFile; index: DiskFile }, clock: Clock, losing: (error: unknown) => void) {
    this.#log = log;
    this.#index = index;
    this.#clock = clock;
    this.#timeline = new OutputTimeline(clock.now());
    this.#losing = losing;
  }

  get bytes(): number {
    return this.#tally.end;
  }
  get lines(): number {
    return linesOf(this.#tally);
  }
  /** As of now. */
  get times(): OutputTimes {
    return this.#timeline.times(this.#clock.now());
  }
  get chunks(): number {
    return this.#chunks;
  }

  /** Never rejects. @param data begins and ends between characters. @returns the chunks it became; none when it could not be stored. */
  async append(data: Buffer): Promise<RawChunk[]> {
    const all = this.#lost.unsaid > 0 ? Buffer.concat([lostLine(this.#lost), data]) : data;
    if (all.length === 0) return [];
    if (this.#isTorn) {
      const error = await this.#cutBack();
      if (error !== null) return this.#lose(data.length, error);
    }
    const writing = this.#log.write(all, this.#tally.end);
    // While the disk is at it, which takes about as long.
    const at_ms = this.#timeline.next(this.#clock.now());
    const { chunks, entries, tally } = this.#cut(all, at_ms);
    const written = await Promise.allSettled([writing, this.#index.write(packEntries(entries), this.#chunks * ENTRY_BYTES)]);
    const failed = written.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      this.#isTorn = true;
      await this.#cutBack();
      return this.#lose(data.length, failed.reason);
    }
    // Only now: what is not in the file is not in its hash.
    this.#hash.update(all);
    this.#lost.unsaid = 0;
    this.#tally = tally;
    this.#timeline.stored(at_ms);
    this.#chunks += chunks.length;
    return chunks;
  }

  #cut(data: Buffer, at_ms: number): { chunks: RawChunk[]; entries: IndexEntry[]; tally: Tally } {
    let tally = this.#tally;
    const entries: IndexEntry[] = [];
    const chunks = cutPieces(data, CHUNK_MAX_BYTES).map((piece, at): RawChunk => {
      const chunk = { seq: this.#chunks + at, offset: tally.end, data: piece, line: tally.feeds + 1, at_ms };
      tally = tallied(tally, piece);
      entries.push(entryOf(tally, at_ms));
      return chunk;
    });
    return { chunks, entries, tally };
  }

  /** Leaves both files closed and on the device. @throws when they may not be. */
  async finish(): Promise<void> {
    try {
      const error = this.#isTorn ? await this.#cutBack() : null;
      if (error !== null) throw error;
      await Promise.all([this.#log.sync(), this.#index.sync()]);
    } finally {
      await Promise.all([this.#log.close(), this.#index.close()]);
    }
  }

  /** What the file holds. Call when nothing more is appended. */
  record(): ClosedRecord {
    const { end: bytes } = this.#tally;
    const output = { lines: this.lines, ...this.times };
    const record: ClosedRecord = { bytes, chunks: this.#chunks, sha256: this.#hash.copy().digest('hex'), output };
    if (this.#lost.all > 0) record.lost_bytes = this.#lost.all;
    return record;
  }

  /** Needs no room on the disk. @returns why it could not be done; it is tried again before anything else is written. */
  async #cutBack(): Promise<Error | null> {
    try {
      await Promise.all([this.#log.truncate(this.#tally.end), this.#index.truncate(this.#chunks * ENTRY_BYTES)]);
      this.#isTorn = false;
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** @returns that nothing was stored. */
  #lose(bytes: number, error: unknown): RawChunk[] {
    if (this.#lost.unsaid === 0) this.#losing(error);
    this.#lost.all += bytes;
    this.#lost.unsaid += bytes;
    this.#lost.why = error instanceof Error ? error.message : String(error);
    return [];
  }
}

function lostLine({ unsaid, why }: { unsaid: number; why: string }): Buffer {
  return Buffer.from(`\n— ${unsaid} bytes of output are missing here: ${why}\n`);
}
