/**
 * Reads a finished log whole and hashes it here, so that "verified" means what this browser has seen itself. Of any size: a piece is in memory at once, and no
 * piece keeps the page from answering. The browser's own hash wants all bytes at once, and is there only on pages that are served securely.
 */
import type { HashState } from '../logview/hash_state.ts';
import type { ByteRange } from '../transport/api.ts';

/** Asked for at a time: hashed within a few frames. */
export const RANGE_BYTES = 512 * 1024;

export class HashCheck {
  #state = $state.raw<HashState>({ type: 'unchecked' });
  readonly #read: (range: ByteRange) => Promise<Uint8Array>;
  #closed = false;

  constructor(read: (range: ByteRange) => Promise<Uint8Array>) {
    this.#read = read;
  }

  get state(): HashState {
    return this.#state;
  }

  /** Never rejects; see `state`. A second call while one runs does nothing. @param expected what the end of the run recorded. */
  async check({ bytes, sha256: recorded }: { bytes: number; sha256: string }): Promise<void> {
    if (this.#state.type === 'checking') return;
    this.#state = { type: 'checking', done: 0 };
    try {
      const { sha256, bytesToHex } = await import('./sha256.ts');
      const hash = sha256.create();
      for (let from = 0; from < bytes; from += RANGE_BYTES) {
        const to = Math.min(bytes, from + RANGE_BYTES);
        const part = await this.#read({ from, to });
        if (this.#closed) return;
        if (part.length !== to - from) return this.#differs(from + part.length, '');
        hash.update(part);
        this.#state = { type: 'checking', done: to };
      }
      const found = bytesToHex(hash.digest());
      if (found === recorded) this.#state = { type: 'verified', sha256: found };
      else this.#differs(bytes, found);
    } catch (error) {
      this.#state = { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
  }

  #differs(bytes: number, sha256: string): void {
    this.#state = { type: 'differs', bytes, sha256 };
  }
}
