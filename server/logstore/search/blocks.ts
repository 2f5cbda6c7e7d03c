/** A log as blocks of whole lines, for a thread that has nothing else to do while they are read. */
import type { LogBytes } from '../log_bytes.ts';
import { BLOCK_BYTES, BLOCK_ROOM } from './byte_kernel.ts';

/** A longer line is looked at in parts of this size, each as if it were a line. */
export const LINE_SEARCHED_BYTES = 16_777_216;
const LINE_FEED = 10;

export interface Block {
  offset: number;
  data: Buffer;
}

/** Bytes [from, to), each block until the next is asked for. The last block is what stands behind the last line feed, when there is anything. */
export function* blocks(log: Pick<LogBytes, 'readNow'>, from: number, to: number): Generator<Block> {
  let size = BLOCK_BYTES;
  for (let at = from; at < to;) {
    const data = log.readNow(at, Math.min(at + size, to), BLOCK_ROOM);
    const last = at + data.length === to;
    const end = data.lastIndexOf(LINE_FEED) + 1;
    if (end === 0 && !last && data.length < LINE_SEARCHED_BYTES) {
      size *= 2;
      continue;
    }
    size = BLOCK_BYTES;
    const length = end === 0 ? data.length : end;
    yield { offset: at, data: data.subarray(0, length) };
    if (last && length < data.length) yield { offset: at + length, data: data.subarray(length) };
    at += last ? data.length : length;
  }
}
