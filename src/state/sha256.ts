/** SHA-256 of bytes that come in pieces: the browser's own wants them all at once, which a log of a gigabyte is too long for, and is there only on pages that are served securely. */

const BLOCK_BYTES = 64;
/** Where the length stands in the last block. */
const LENGTH_AT = 56;
const WORDS = 64;

const constants = new Int32Array(WORDS);
const initial = new Int32Array(8);
/** The fractions of the roots of the first primes, as the standard has them. */
for (let n = 2, found = 0; found < WORDS; n++) {
  if (!isPrime(n)) continue;
  if (found < initial.length) initial[found] = fraction(Math.sqrt(n));
  constants[found++] = fraction(Math.cbrt(n));
}

export class Sha256 {
  readonly #state = Int32Array.from(initial);
  readonly #words = new Int32Array(WORDS);
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  /** Bytes so far; those that fill no block yet are in `#rest`. */
  #bytes = 0;

  add(bytes: Uint8Array): void {
    const held = this.#bytes % BLOCK_BYTES;
    this.#bytes += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(bytes.length, BLOCK_BYTES - held);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK_BYTES) return;
      this.#take(this.#rest, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#take(bytes, at);
    this.#rest.set(bytes.subarray(at));
  }

  /** In hexadecimal. Call once: nothing may be added afterwards. */
  hex(): string {
    const bytes = this.#bytes;
    const held = bytes % BLOCK_BYTES;
    const end = new Uint8Array(held < LENGTH_AT ? BLOCK_BYTES - held : 2 * BLOCK_BYTES - held);
    end[0] = 0x80;
    new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(bytes) * 8n);
    this.add(end);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #take(data: Uint8Array, from: number): void {
    const words = this.#words;
    for (let i = 0, at = from; i < 16; i++, at += 4)
      words[i] = ((data[at] ?? 0) << 24) | ((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0);
    for (let i = 16; i < WORDS; i++) {
      const early = words[i - 15] ?? 0;
      const late = words[i - 2] ?? 0;
      const s0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
      const s1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
      words[i] = (words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1;
    }
    const state = this.#state;
    // Each by itself: this runs sixteen million times for a gigabyte.
    let a = state[0] ?? 0;
    let b = state[1] ?? 0;
    let c = state[2] ?? 0;
    let d = state[3] ?? 0;
    let e = state[4] ?? 0;
    let f = state[5] ?? 0;
    let g = state[6] ?? 0;
    let h = state[7] ?? 0;
    for (let i = 0; i < WORDS; i++) {
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (words[i] ?? 0)) | 0;
      const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] = (state[0] ?? 0) + a;
    state[1] = (state[1] ?? 0) + b;
    state[2] = (state[2] ?? 0) + c;
    state[3] = (state[3] ?? 0) + d;
    state[4] = (state[4] ?? 0) + e;
    state[5] = (state[5] ?? 0) + f;
    state[6] = (state[6] ?? 0) + g;
    state[7] = (state[7] ?? 0) + h;
  }
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function isPrime(n: number): boolean {
  for (let by = 2; by * by <= n; by++) if (n % by === 0) return false;
  return true;
}
