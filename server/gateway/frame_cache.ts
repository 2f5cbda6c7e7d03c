/**
 * Frames that several viewers get, printed and encoded once. Viewers who keep up are sent the same bytes, so what costs most in a fan-out is
 * paid once. A key names its content for ever: positions of an event log that only grows, offsets of log files that only grow.
 */
import { textFrame } from './wire.ts';

export const FRAMES_KEPT = 128;
export const FRAMES_KEPT_BYTES = 8 * 1024 * 1024;

export class FrameCache {
  readonly #frames = new Map<string, Buffer>();
  #bytes = 0;

  /** @returns the frame as it goes on the wire. */
  get(key: string, print: () => string): Buffer {
    const kept = this.#frames.get(key);
    if (kept !== undefined) return kept;
    const frame = textFrame(print());
    this.#frames.set(key, frame);
    this.#bytes += frame.length;
    this.#trim();
    return frame;
  }

  #trim(): void {
    for (const [key, frame] of this.#frames) {
      if (this.#frames.size <= FRAMES_KEPT && this.#bytes <= FRAMES_KEPT_BYTES) return;
      this.#frames.delete(key);
      this.#bytes -= frame.length;
    }
  }
}
