/** A log as blocks of whole lines, the next one being read while the one before is looked at. */
import type { LogBytes } from '../log_bytes.ts';
import { BLOCK_BYTES, BLOCK_ROOMS } from './byte_kernel.ts';

/** A longer line is looked at in parts of this size, each as if it were a line. */
export const LINE_SEARCHED_BYTES = 16_777_216;
const LINE_FEED = 10;

export interface Block {
  offset: number;
  data: Buffer;
}

/** Bytes [from, to), each block until the next is asked for. The last block is what stands behind the last line feed, when there is anything. */
export async function* blocks(log: LogBytes, from: number, to: number): AsyncGenerator<Block> {
  let room = 0;
  const read = (at: number, size: number): Promise<Buffer> => {
    room = (room + 1) % BLOCK_ROOMS.length;
    const end = Math.min(at + size, to);
    if (log.readNow !== null) return Promise.resolve(log.readNow(at, end, BLOCK_ROOMS[room]));
    const reading = log.read(at, end, BLOCK_ROOMS[room]);
    // Whoever asked for it may have stopped asking.
    reading.catch(() => {});
    return reading;
  };
  let size = BLOCK_BYTES;
  for (let at = from, reading = read(at, size); at < to;) {
    const data = await reading;
    const last = at + data.length === to;
    const end = data.lastIndexOf(LINE_FEED) + 1;
    if (end === 0 && !last && data.length < LINE_SEARCHED_BYTES) {
      size *= 2;
      reading = read(at, size);
      continue;
    }
    size = BLOCK_BYTES;
    const length = end === 0 ? data.length : end;
    const offset = at;
    at += length;
    if (at < to && !last) reading = read(at, size);
    yield { offset, data: data.subarray(0, length) };
    if (last) {
      if (at < to) yield { offset: at, data: data.subarray(length) };
      return;
    }
  }
}
