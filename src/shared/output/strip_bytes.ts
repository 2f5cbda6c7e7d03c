/**
 * Bytes of a log as its readers see them: of every line what is left standing, without escape sequences and control characters; line feeds stay. Of valid
 * UTF-8 it leaves exactly the bytes of `plainLine` of each line, so that what is found in them is what is shown; other bytes are kept as they are.
 * Give it whole lines: in a line cut in two, a sequence or what starts it over is taken for its last at the cut.
 */
import { BACKSLASH, beginsString, BEL, BRACKET, ESC, COLUMN, isFinal, isIntermediate, isParameter, isShortFinal } from './sequence.ts';

const LINE_FEED = 0x0a;
const CR = 0x0d;
const DELETE = 0x7f;
/** The first of the two bytes of U+0080 to U+00BF; up to U+009F they are controls. */
const C1_LEAD = 0xc2;

/** By byte: whether it needs a look. Everything else is text, and is passed over in one lookup. */
const LOOK = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte < 0x20 && byte !== 0x09 && byte !== LINE_FEED) || byte === DELETE || byte === C1_LEAD ? 1 : 0,
);

/** @returns `data` itself when there is nothing to drop. */
export function stripBytes(data: Uint8Array): Uint8Array {
  const first = textEnd(data, 0);
  if (first === data.length) return data;
  // Not `slice`, which of a Buffer is no copy.
  const out = new Uint8Array(data);
  return out.subarray(0, strip(out, first));
}

/** Where the text from `at` on ends. Four at once: most of any log is text, and this loop is what stripping it costs. */
function textEnd(data: Uint8Array, at: number): number {
  const size = data.length;
  let end = at;
  while (end + 3 < size && (look(data, end) | look(data, end + 1) | look(data, end + 2) | look(data, end + 3)) === 0) end += 4;
  while (end < size && look(data, end) === 0) end++;
  return end;
}

function look(data: Uint8Array, at: number): number {
  return LOOK[data[at] ?? 0] ?? 0;
}

/** In place: what is written is never ahead of what is read. @returns bytes left. */
function strip(data: Uint8Array, first: number): number {
  let to = first;
  let at = first;
  while (at < data.length) {
    const byte = data[at] ?? 0;
    let from = at + 1;
    const over = startOverEnd(data, at);
    if (over > at) {
      from = over;
      if (from < data.length && data[from] !== LINE_FEED) to = lineStart(data, to);
    } else if (byte === ESC) from = sequenceEnd(data, at);
    else if (byte === C1_LEAD) {
      if (isC1(data[from])) from++;
      else data[to++] = byte; // of another character; its second byte is taken for text as it is
    }
    at = textEnd(data, from);
    if (from < at) data.copyWithin(to, from, at);
    to += at - from;
  }
  return to;
}

/** Behind all that follow each other from `at` on of what starts a line over; `at` when none does. */
export function startOverEnd(data: Uint8Array, at: number): number {
  for (let end = at; ;) {
    if (data[end] === CR) end++;
    else if (data[end] === ESC && data[end + 1] === BRACKET) {
      const move = data[end + 2] === 0x30 || data[end + 2] === 0x31 ? end + 3 : end + 2;
      if (data[move] !== COLUMN) return end;
      end = move + 1;
    } else return end;
  }
}

/** Where the line begins that has been written up to `to`. */
function lineStart(data: Uint8Array, to: number): number {
  return to === 0 ? 0 : data.lastIndexOf(LINE_FEED, to - 1) + 1;
}

function isC1(second: number | undefined): boolean {
  return second !== undefined && second >= 0x80 && second <= 0x9f;
}

/** As `sequenceEnd` of text. A `\r` or a line feed ends whatever it stands in. */
function sequenceEnd(data: Uint8Array, at: number): number {
  const kind = data[at + 1] ?? 0;
  let end = at + 2;
  if (kind === BRACKET) {
    while (isParameter(data[end] ?? 0)) end++;
    while (isIntermediate(data[end] ?? 0)) end++;
    return isFinal(data[end] ?? 0) ? end + 1 : end;
  }
  if (beginsString(kind)) return stringEnd(data, end);
  end = at + 1;
  while (isIntermediate(data[end] ?? 0)) end++;
  return isShortFinal(data[end] ?? 0) ? end + 1 : end;
}

function stringEnd(data: Uint8Array, at: number): number {
  for (let end = at; end < data.length; end++) {
    const byte = data[end];
    if (byte === BEL) return end + 1;
    if (byte === CR || byte === LINE_FEED) return end;
    if (byte === ESC) return data[end + 1] === BACKSLASH ? end + 2 : end;
  }
  return data.length;
}
