/**
 * Output without its colour codes (and the other `ESC [` sequences, which show nothing either), so that a secret is found that a program
 * painted in the middle. A place in it is taken back to the place in the output itself.
 */
import { BRACKET, CODE_MAX_BYTES, ESC } from './escape_kernels.ts';
import type { Span } from './form_finder.ts';

export interface Codes {
  /** In order. */
  spans: Span[];
  /** Where a sequence begins that the data ends inside of; its length when there is none. */
  unfinished: number;
}

export function codesIn(data: Buffer): Codes {
  const spans: Span[] = [];
  for (let from = nextEscape(data, 0); from < data.length;) {
    const end = codeEnd(data, from);
    if (end === UNFINISHED) return { spans, unfinished: from };
    if (end > from) spans.push([from, end]);
    from = nextEscape(data, Math.max(end, from + 1));
  }
  return { spans, unfinished: data.length };
}

/** Below this a loop is quicker than a call. */
const BY_LOOP_BYTES = 48;
export const UNFINISHED = -1;

/** @returns the data's length when there is none. */
function nextEscape(data: Buffer, from: number): number {
  const near = Math.min(data.length, from + BY_LOOP_BYTES);
  let at = from;
  while (at < near && data[at] !== ESC) at++;
  if (at < near) return at;
  const found = data.indexOf(ESC, at);
  return found === -1 ? data.length : found;
}

/** @returns where the sequence ends that begins at `from`, its final byte included when it has one; `from` when none does, `UNFINISHED` when the data ends first. */
export function codeEnd(data: Buffer, from: number): number {
  if (from + 1 === data.length) return UNFINISHED;
  if (data[from + 1] !== BRACKET) return from;
  let at = from + 2;
  while (isBetween(data[at], 0x30, 0x3f)) at++;
  while (isBetween(data[at], 0x20, 0x2f)) at++;
  if (isBetween(data[at], 0x40, 0x7e)) at++;
  else if (at === data.length && at - from <= CODE_MAX_BYTES) return UNFINISHED;
  return at - from > CODE_MAX_BYTES ? from : at;
}

/** @returns where the sequence begins that the data ends inside of; its length when it does not. */
export function unfinishedCode(data: Buffer): number {
  for (let at = data.length - 1; at >= 0 && at >= data.length - CODE_MAX_BYTES; at--)
    if (data[at] === ESC) return codeEnd(data, at) === UNFINISHED ? at : data.length;
  return data.length;
}

/** False beyond the end. */
function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}

export interface Uncoloured {
  plain: Buffer;
  /** An occurrence in `plain`, as it lies in the output: with the sequences in its middle, without those around it. */
  inOutput: (span: Span) => Span;
}

/** Up to where a sequence is not finished. */
export function uncoloured(data: Buffer, { spans, unfinished }: Codes): Uncoloured {
  const plain = Buffer.allocUnsafe(data.length);
  /** Of each sequence, where it was taken out of `plain`; and how many bytes were taken out with it and before it. */
  const cuts: number[] = [];
  const gone: number[] = [];
  let [length, from] = [0, 0];
  for (const [begin, end] of spans) {
    length = copied(data, from, begin, plain, length);
    from = end;
    cuts.push(length);
    gone.push(from - length);
  }
  length = copied(data, from, unfinished, plain, length);

  function place(at: number): number {
    let low = 0;
    for (let high = cuts.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((cuts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return at + (gone[low - 1] ?? 0);
  }
  return { plain: plain.subarray(0, length), inOutput: ([begin, end]) => [place(begin), place(end - 1) + 1] };
}

/** @returns the length of `to` after it. */
function copied(data: Buffer, from: number, end: number, to: Buffer, length: number): number {
  if (end - from >= BY_LOOP_BYTES) return length + data.copy(to, length, from, end);
  for (let at = from; at < end; at++) to[length++] = data[at] ?? 0;
  return length;
}
