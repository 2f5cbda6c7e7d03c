/** Reads a finished log whole and hashes it here, so that "verified" means what this browser has seen itself. Only up to a bound: the browser hashes one buffer at once. */
import type { HashState } from '../logview/hash_state.ts';
import type { ByteRange } from '../transport/api.ts';

/** In memory at once while it is hashed. */
export const HASH_MOST_BYTES = 64 * 1024 * 1024;
/** Asked for at a time. */
const RANGE_BYTES = 4 * 1024 * 1024;

/** Only pages that are served securely have it. */
const SUBTLE: SubtleCrypto | null = 'subtle' in crypto ? crypto.subtle : null;

export class HashCheck {
  #state = $state.raw<HashState>({ type: 'unchecked' });
  readonly #read: (range: ByteRange) => Promise<Uint8Array>;
  readonly #subtle: SubtleCrypto | null;
  #closed = false;

  /** @param subtle null where there is none: then nothing can be checked. */
  constructor(read: (range: ByteRange) => Promise<Uint8Array>, subtle = SUBTLE) {
    this.#read = read;
    this.#subtle = subtle;
  }

  get state(): HashState {
    return this.#state;
  }

  /** Whether a log of this size can be checked here. */
  can(bytes: number): boolean {
    return this.#subtle !== null && bytes <= HASH_MOST_BYTES;
  }

  /** Never rejects; see `state`. A second call while one runs does nothing. @param expected what the end of the run recorded. */
  async check(expected: { bytes: number; sha256: string }): Promise<void> {
    if (this.#subtle === null || this.#state.type === 'checking') return;
    this.#state = { type: 'checking', done: 0 };
    try {
      const file = new Uint8Array(expected.bytes);
      for (let from = 0; from < file.length && !this.#closed; from += RANGE_BYTES) {
        const to = Math.min(file.length, from + RANGE_BYTES);
        const part = await this.#read({ from, to });
        if (part.length !== to - from) return this.#differs(from + part.length, '');
        file.set(part, from);
        this.#state = { type: 'checking', done: to };
      }
      const sha256 = hex(await this.#subtle.digest('SHA-256', file));
      if (sha256 === expected.sha256) this.#state = { type: 'verified', sha256 };
      else this.#differs(file.length, sha256);
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

function hex(buffer: ArrayBuffer): string {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
