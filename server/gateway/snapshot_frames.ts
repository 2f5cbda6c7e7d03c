/** The state as frames, printed once per head and shared between the viewers who come at that head: after a restart that is all of them. */
import type { State } from '../../src/shared/fold/state.ts';
import { encodeFrame } from '../../src/shared/protocol/codec.ts';
import { SNAPSHOT_PART_BYTES, SNAPSHOT_SIZE_KEPT_EVENTS } from './limits.ts';
import { textFrame } from './wire.ts';

export class SnapshotFrames {
  #state: State | null = null;
  #epoch = '';
  #frames: readonly Buffer[] = [];

  /** About what a snapshot costs: measured, but perhaps on an earlier state, because printing one only to learn its size would cost more than it saves. */
  bytes(state: State, epoch: string): number {
    const isOld = this.#state === null || state.seq_no - this.#state.seq_no > SNAPSHOT_SIZE_KEPT_EVENTS;
    const frames = isOld ? this.of(state, epoch) : this.#frames;
    return frames.reduce((sum, { length }) => sum + length, 0);
  }

  /** The same frames for the same state. The texts of their parts joined are the JSON of the state. */
  of(state: State, epoch: string): readonly Buffer[] {
    if (state !== this.#state || epoch !== this.#epoch) {
      const texts = cutText(JSON.stringify(state), SNAPSHOT_PART_BYTES);
      const frame = (text: string, i: number): Buffer =>
        textFrame(encodeFrame({ type: 'snapshot', epoch, seq_no: state.seq_no, part: i + 1, of: texts.length, text }));
      this.#state = state;
      this.#epoch = epoch;
      this.#frames = texts.map(frame);
    }
    return this.#frames;
  }
}

/** Pieces of at most `most` UTF-8 bytes, none of which ends inside a character. @param most at least 4, the longest character. */
export function cutText(text: string, most: number): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let begin = 0; begin < bytes.length;) {
    let end = Math.min(begin + most, bytes.length);
    // 10xxxxxx continues a character: step back to where one begins.
    while (end < bytes.length && (bytes.readUInt8(end) & 0xc0) === 0x80) end--;
    pieces.push(bytes.toString('utf8', begin, end));
    begin = end;
  }
  return pieces;
}
