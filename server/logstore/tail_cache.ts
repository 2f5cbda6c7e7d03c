/** The newest chunks of a run that is being written, so that those who watch it live do not read the disk. */
import type { RawChunk } from './chunk.ts';
import { toLogChunk } from './chunk.ts';
import type { LogChunk } from './port.ts';

export class TailCache {
  readonly #run_id: number;
  readonly #max_bytes: number;
  #chunks: { raw: RawChunk; text?: LogChunk }[] = [];
  #bytes = 0;

  constructor(run_id: number, max_bytes: number) {
    this.#run_id = run_id;
    this.#max_bytes = max_bytes;
  }

  add(raw: RawChunk): void {
    this.#chunks.push({ raw });
    this.#bytes += raw.data.length;
    let drop = 0;
    while (this.#bytes > this.#max_bytes && drop < this.#chunks.length - 1) this.#bytes -= this.#chunks[drop++]?.raw.data.length ?? 0;
    if (drop > 0) this.#chunks = this.#chunks.slice(drop);
  }

  /** Whether a chunk lies in it. */
  holds(memory: ArrayBufferLike): boolean {
    return this.#chunks.some(({ raw }) => raw.data.buffer === memory);
  }

  /** Chunks from byte `offset` on; null when that lies before what is kept. Each chunk is decoded once, however many watch. */
  from(offset: number, max_bytes: number): LogChunk[] | null {
    const first = this.#chunks[0];
    if (!first || offset < first.raw.offset) return null;
    const found: LogChunk[] = [];
    let bytes = 0;
    for (let at = this.#placeOf(offset); at < this.#chunks.length; at++) {
      const kept = this.#chunks[at];
      if (!kept || (found.length > 0 && bytes + kept.raw.data.length > max_bytes)) break;
      bytes += kept.raw.data.length;
      found.push(
        offset > kept.raw.offset ? toLogChunk(this.#run_id, kept.raw, offset) : (kept.text ??= toLogChunk(this.#run_id, kept.raw, 0)),
      );
    }
    return found;
  }

  #placeOf(offset: number): number {
    let low = 0;
    for (let high = this.#chunks.length; low < high;) {
      const middle = Math.floor((low + high) / 2);
      const raw = this.#chunks[middle]?.raw;
      if (raw && raw.offset + raw.data.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
