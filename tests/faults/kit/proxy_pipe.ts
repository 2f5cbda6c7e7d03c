/**
 * One direction of a link: what comes from one socket goes to the other in order, as late, as slowly and in pieces as small as it is told. It
 * holds at most `HELD_HIGH_BYTES` and then stops reading, so that whoever sends feels a reader that stopped.
 */
import type { Socket } from 'node:net';

export interface Shape {
  /** Added to each piece, ms. */
  latency_ms: number;
  /** Infinity for as fast as it goes. */
  bytes_per_s: number;
  /** The most that is written at once. */
  slice_bytes: number;
}

export const FAIR: Shape = { latency_ms: 0, bytes_per_s: Infinity, slice_bytes: Infinity };

const HELD_HIGH_BYTES = 64 * 1024;

type Mode = 'passing' | 'paused' | 'blackhole';

export class Pipe {
  /** Bytes that came while it was a black hole. */
  swallowed = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #filter: (bytes: Buffer) => Buffer[];
  readonly #held: { bytes: Buffer; due: number }[] = [];
  #held_bytes = 0;
  #shape: Shape;
  #mode: Mode = 'passing';
  #ended = false;
  #writing = false;
  #wake: (() => void) | null = null;

  /** @param filter what becomes of bytes before anything else. */
  constructor(from: Socket, to: Socket, shape: Shape, filter: (bytes: Buffer) => Buffer[]) {
    this.#from = from;
    this.#to = to;
    this.#shape = shape;
    this.#filter = filter;
    from.on('data', (bytes: Buffer) => this.#hear(bytes));
    from.once('end', () => {
      this.#ended = true;
      void this.#write();
    });
    to.once('close', () => this.#wake?.());
  }

  shape(shape: Shape): void {
    this.#shape = shape;
  }

  /** `paused` reads nothing: the sender's buffers fill up. `blackhole` reads all and passes nothing, its end included. */
  set mode(mode: Mode) {
    this.#mode = mode;
    if (mode === 'blackhole') this.#forget();
    if (mode === 'paused') this.#from.pause();
    else this.#readOn();
    this.#wake?.();
    void this.#write();
  }

  #hear(bytes: Buffer): void {
    if (this.#mode === 'blackhole') {
      this.swallowed += bytes.length;
      return;
    }
    const due = performance.now() + this.#shape.latency_ms;
    for (const each of this.#filter(bytes)) {
      this.#held.push({ bytes: each, due });
      this.#held_bytes += each.length;
    }
    if (this.#held_bytes > HELD_HIGH_BYTES) this.#from.pause();
    void this.#write();
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      while (this.#mode === 'passing' && !this.#to.destroyed) {
        const next = this.#held[0];
        if (next === undefined) break;
        const early_ms = next.due - performance.now();
        if (early_ms > 0) {
          await this.#wait(early_ms);
          continue;
        }
        const slice = next.bytes.subarray(0, this.#shape.slice_bytes);
        if (slice.length === next.bytes.length) this.#held.shift();
        else next.bytes = next.bytes.subarray(slice.length);
        this.#held_bytes -= slice.length;
        if (!this.#to.write(slice)) await this.#drained();
        // A turn of the loop between two pieces, or the kernel would be given them as one.
        if (Number.isFinite(this.#shape.bytes_per_s)) await this.#wait((slice.length / this.#shape.bytes_per_s) * 1000);
        else if (Number.isFinite(this.#shape.slice_bytes)) await new Promise((resolve) => setImmediate(resolve));
        this.#readOn();
      }
      if (this.#mode === 'passing' && this.#ended && this.#held.length === 0) this.#to.end();
    } finally {
      this.#writing = false;
    }
  }

  #readOn(): void {
    if (this.#mode !== 'paused' && this.#held_bytes <= HELD_HIGH_BYTES) this.#from.resume();
  }

  #forget(): void {
    this.#held.length = 0;
    this.#held_bytes = 0;
  }

  /** Until the time is over, or the mode changed, or the other end is gone. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(over, ms);
      this.#wake = over;
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        this.#to.off('drain', over);
        this.#wake = null;
        resolve();
      };
      this.#to.once('drain', over);
      this.#wake = over;
    });
  }
}
