/**
 * Finds the borders of WebSocket frames in the bytes a server sends, whatever way the network cut them, so that whole frames can be left out.
 * The answer to the upgrade passes first; an answer that is no upgrade passes for ever. Frames are let through as they come unless one is to be
 * dropped: then each is held until it is whole and can be looked at. Knows unmasked frames only, as servers send them.
 */

/** Told of a whole frame: its opcode and payload. @returns whether to leave it out. */
export type Unwanted = (frame: { opcode: number; payload: Buffer }) => boolean;

const HEAD_END = Buffer.from('\r\n\r\n');
const SWITCHING = 'HTTP/1.1 101';
const SHORTEST_BYTES = 2;
const [LENGTH_IN_2, LENGTH_IN_8] = [126, 127];

type State = { type: 'answer' } | { type: 'frames' } | { type: 'through' };

/** @returns bytes of the head and of the payload, or null when too little of the frame is there to tell. */
function measure(bytes: Buffer): { head: number; payload: number } | null {
  if (bytes.length < SHORTEST_BYTES) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short < LENGTH_IN_2) return { head: 2, payload: short };
  if (short === LENGTH_IN_2) return bytes.length < 4 ? null : { head: 4, payload: bytes.readUInt16BE(2) };
  if (short === LENGTH_IN_8) return bytes.length < 10 ? null : { head: 10, payload: Number(bytes.readBigUInt64BE(2)) };
  return null;
}

export class FrameFilter {
  #state: State = { type: 'answer' };
  #answer: Buffer = Buffer.alloc(0);
  #held: Buffer = Buffer.alloc(0);
  #unwanted: Unwanted | null = null;
  #dropped: ((payload: Buffer) => void) | null = null;
  /** Bytes of a frame that is passing already: too late to drop it. */
  #passing = 0;

  /** Leaves out the next frame that is `unwanted`. @param dropped is told of it. */
  dropNext(unwanted: Unwanted, dropped: (payload: Buffer) => void): void {
    this.#unwanted = unwanted;
    this.#dropped = dropped;
  }

  /** @returns what is to be passed on now. */
  take(bytes: Buffer): Buffer[] {
    if (this.#state.type === 'through') return [bytes];
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    return this.#state.type === 'answer' ? this.#takeAnswer() : this.#takeFrames();
  }

  /** Passed as it comes: whoever speaks something else than HTTP must not wait for the end of a head. */
  #takeAnswer(): Buffer[] {
    const known = this.#answer.length;
    this.#answer = Buffer.concat([this.#answer, this.#held]);
    const end = this.#answer.indexOf(HEAD_END);
    const start = this.#answer.toString('latin1', 0, SWITCHING.length);
    if (!SWITCHING.startsWith(start)) this.#state = { type: 'through' };
    else if (end !== -1) this.#state = { type: 'frames' };
    if (this.#state.type !== 'frames') return [this.#cut(this.#held.length)];
    return [this.#cut(end + HEAD_END.length - known), ...this.#takeFrames()];
  }

  #takeFrames(): Buffer[] {
    const out: Buffer[] = [];
    while (this.#held.length > 0) {
      if (this.#passing > 0) {
        const passed = this.#cut(Math.min(this.#passing, this.#held.length));
        this.#passing -= passed.length;
        out.push(passed);
        continue;
      }
      const size = measure(this.#held);
      if (size === null) break;
      const whole = size.head + size.payload;
      if (this.#unwanted === null) {
        this.#passing = whole;
        continue;
      }
      if (this.#held.length < whole) break;
      const frame = this.#cut(whole);
      const payload = frame.subarray(size.head);
      if (!this.#unwanted({ opcode: frame.readUInt8(0) & 0x0f, payload })) {
        out.push(frame);
        continue;
      }
      this.#unwanted = null;
      this.#dropped?.(payload);
    }
    return out;
  }

  #cut(count: number): Buffer {
    const cut = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return cut;
  }
}
