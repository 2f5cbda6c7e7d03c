/** Cuts whole lines into parts that are looked through at once: at most `PART_BYTES` of them, or one longer line. */
import { PART_BYTES } from './byte_kernel.ts';

const LINE_FEED = 10;

export function* slices(data: Buffer): Generator<Buffer> {
  for (let from = 0; from < data.length;) {
    const to = sliceEnd(data, from);
    yield data.subarray(from, to);
    from = to;
  }
}

function sliceEnd(data: Buffer, from: number): number {
  if (data.length - from <= PART_BYTES) return data.length;
  const before = data.lastIndexOf(LINE_FEED, from + PART_BYTES - 1) + 1;
  if (before > from) return before;
  const feed = data.indexOf(LINE_FEED, from + PART_BYTES);
  return feed < 0 ? data.length : feed + 1;
}
