/**
 * A log's file and its chunk index. They advance together or not at all, so nothing half written is ever shown.
 *
 * When the disk takes no more, the run goes on: what could not be written is counted, reported once, announced by a line of its own as
 * soon as the disk takes something again, and stated in the record at the end. Never silent, and no run fails for its log.
 */
import { createHash } from 'node:crypto';
import type { RawChunk } from './chunk.ts';
import { entries, ENTRY_BYTES } from './chunk_index.ts';
import type { DiskFile } from './disk.ts';
import type { ClosedRecord } from './records.ts';
import { cutPieces } from './utf8_cut.ts';

export const CHUNK_MAX_BYTES = 65_536;

export class LogFile {
  readonly #log: DiskFile;
  readonly #index: DiskFile;
  /** Told once for each gap. */
  readonly #losing: (error: unknown) => void;
  readonly #hash = createHash('sha256');
  readonly #lost = { all: 0, unsaid: 0, why: '' };
  #bytes = 0;
  #chunks = 0;

  constructor(log: DiskFile, index: DiskFile, losing: (error: unknown) => void) {
    this.#log = log;
    this.#index = index;
    this.#losing = losing;
  }

  get bytes(): number {
    return this.#bytes;
  }
  get chunks(): number {
    return this.#chunks;
  }

  /** Never rejects. @param data begins and ends between characters. @returns the chunks it became; none when it could not be stored. */
  async append(data: Buffer): Promise<RawChunk[]> {
    const all = this.#lost.unsaid > 0 ? Buffer.concat([lostLine(this.#lost), data]) : data;
    if (all.length === 0) return [];
    const pieces = cutPieces(all, CHUNK_MAX_BYTES);
    let end = this.#bytes;
    const chunks = pieces.map((piece, at): RawChunk => ({
      seq: this.#chunks + at,
      offset: (end += piece.length) - piece.length,
      data: piece,
    }));
    try {
      await this.#log.write(all, this.#bytes);
      await this.#index.write(entries(chunks.map(({ offset, data: piece }) => offset + piece.length)), this.#chunks * ENTRY_BYTES);
    } catch (error) {
      this.#lose(data.length, error);
      return [];
    }
    this.#hash.update(all);
    this.#lost.unsaid = 0;
    this.#bytes = end;
    this.#chunks += chunks.length;
    return chunks;
  }

  /** Leaves both files closed and on the device. @throws when they may not be. */
  async finish(): Promise<void> {
    try {
      // A write that failed half-way may have left bytes behind the end.
      if (this.#lost.all > 0) await Promise.all([this.#log.truncate(this.#bytes), this.#index.truncate(this.#chunks * ENTRY_BYTES)]);
      await Promise.all([this.#log.sync(), this.#index.sync()]);
    } finally {
      await Promise.all([this.#log.close(), this.#index.close()]);
    }
  }

  /** What the file holds. Call when nothing more is appended. */
  record(): ClosedRecord {
    const record: ClosedRecord = { bytes: this.#bytes, chunks: this.#chunks, sha256: this.#hash.copy().digest('hex') };
    if (this.#lost.all > 0) record.lost_bytes = this.#lost.all;
    return record;
  }

  #lose(bytes: number, error: unknown): void {
    if (this.#lost.unsaid === 0) this.#losing(error);
    this.#lost.all += bytes;
    this.#lost.unsaid += bytes;
    this.#lost.why = error instanceof Error ? error.message : String(error);
  }
}

function lostLine({ unsaid, why }: { unsaid: number; why: string }): Buffer {
  return Buffer.from(`\n— ${unsaid} bytes of output are missing here: ${why}\n`);
}
