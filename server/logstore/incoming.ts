/**
 * What was written to a log and is not in its file yet, in blocks of memory that are used again: new memory for every read would cost more than all that
 * is done with the read. A character never lies in two blocks.
 */
import { unfinished } from './utf8_cut.ts';

export const BLOCK_BYTES = 262_144;

interface Block {
  memory: Buffer;
  /** Bytes in it; of these, those that were given out to be written. */
  filled: number;
  taken: number;
}

export class Incoming {
  readonly #blocks: Block[] = [];
  /** Whether it is being written or shown. */
  readonly #isHeld: (memory: ArrayBufferLike) => boolean;
  #bytes = 0;

  constructor(isHeld: (memory: ArrayBufferLike) => boolean) {
    this.#isHeld = isHeld;
  }

  /** Not taken yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** There is more to take than the beginning of a character. */
  get ready(): boolean {
    return this.#bytes > 3 || (this.#bytes > 0 && this.#some(false) !== null);
  }

  /** Copies it: it may be overwritten afterwards. */
  put(data: Buffer): void {
    for (let from = 0; from < data.length;) {
      const block = this.#roomy();
      const some = data.copy(block.memory, block.filled, from);
      block.filled += some;
      from += some;
    }
    this.#bytes += data.length;
  }

  /**
   * What lies in the oldest block that has something, up to the last whole character. It stays good while it is held.
   * @param last all of it: nothing follows. @returns null when there is nothing.
   */
  take(last: boolean): Buffer | null {
    const some = this.#some(last);
    if (some === null) return null;
    some.block.taken += some.data.length;
    this.#bytes -= some.data.length;
    return some.data;
  }

  #some(last: boolean): { block: Block; data: Buffer } | null {
    const block = this.#blocks.find(({ filled, taken }) => taken < filled);
    if (block === undefined) return null;
    const data = block.memory.subarray(block.taken, block.filled);
    const end = last ? data.length : data.length - unfinished(data);
    return end > 0 ? { block, data: data.subarray(0, end) } : null;
  }

  #roomy(): Block {
    const newest = this.#blocks.at(-1);
    if (newest !== undefined && newest.filled < BLOCK_BYTES) return newest;
    const next = this.#free();
    this.#blocks.push(next);
    if (newest !== undefined) moveCharacter(newest, next);
    return next;
  }

  #free(): Block {
    const oldest = this.#blocks[0];
    if (oldest === undefined || oldest.taken < oldest.filled || this.#isHeld(oldest.memory.buffer))
      return { memory: Buffer.allocUnsafeSlow(BLOCK_BYTES), filled: 0, taken: 0 };
    this.#blocks.shift();
    return { memory: oldest.memory, filled: 0, taken: 0 };
  }
}

/** One that is not complete by the end of a block goes on in the next. */
function moveCharacter(from: Block, to: Block): void {
  const begun = unfinished(from.memory.subarray(from.taken, from.filled));
  to.filled = from.memory.copy(to.memory, 0, from.filled - begun, from.filled);
  from.filled -= begun;
}
