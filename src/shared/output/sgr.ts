/** The parameters of an SGR sequence, read where they stand: slicing and splitting them would cost more than the rest of a coloured line. */
import { SGR_PARAMS_MOST } from './sequence.ts';
import { BACKGROUND, changed, CODES_MAX, FOREGROUND, RGB, type Color, type Style } from './style.ts';

const ZERO = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const UNDERLINE = 4;
const UNDERLINE_OFF = 24;
const EXTENDED_FOREGROUND = 38;
const EXTENDED_BACKGROUND = 48;
/** Not shown; its numbers would be taken for codes. */
const EXTENDED_UNDERLINE = 58;
const INDEXED = 5;
const DIRECT = 2;
const BYTE_MAX = 255;
/** Greater than any number with a meaning; longer ones need not be told apart. */
const NUMBER_MAX = 999;
/** More do not fit into parameters of that length. */
const NUMBERS_MAX = SGR_PARAMS_MOST + 1;

/** Of the sequence being read. `follows[i]`: `numbers[i]` stands behind a colon, and so belongs to the one before it. */
const numbers = new Int32Array(NUMBERS_MAX);
const follows = new Uint8Array(NUMBERS_MAX);

/** @param from of the parameters: digits, colons and semicolons, at most `SGR_PARAMS_MOST`. @param to of the final `m`. */
export function sgr(style: Style, raw: string, from: number, to: number): Style {
  const count = read(raw, from, to);
  let next = style;
  let at = 0;
  while (at < count) {
    const code = numbers[at] ?? 0;
    const end = groupEnd(at, count);
    const colons = end > at + 1;
    if (code === EXTENDED_FOREGROUND || code === EXTENDED_BACKGROUND || code === EXTENDED_UNDERLINE) {
      const color = code === EXTENDED_UNDERLINE ? null : colons ? colonColor(at + 1, end) : listedColor(end, count);
      if (color !== null) next = changed(next, (code === EXTENDED_FOREGROUND ? FOREGROUND : BACKGROUND) + color);
      at = colons ? end : listedEnd(end, count);
    } else {
      const off = code === UNDERLINE && colons && numbers[at + 1] === 0;
      if (code <= CODES_MAX) next = changed(next, off ? UNDERLINE_OFF : code);
      at = end;
    }
  }
  return next;
}

/** @param params of one SGR sequence, between `ESC [` and `m`. Private ones, and too many, make it another command. */
export function styleAfterSgr(style: Style, params: string): Style {
  return params.length > SGR_PARAMS_MOST || PRIVATE.test(params) ? style : sgr(style, params, 0, params.length);
}

const PRIVATE = /[<-?]/u;

/** @returns how many. */
function read(raw: string, from: number, to: number): number {
  let count = 0;
  let number = 0;
  let follow = 0;
  for (let at = from; at <= to; at++) {
    const code = at === to ? SEMICOLON : raw.charCodeAt(at);
    if (code < COLON) number = Math.min(NUMBER_MAX, number * 10 + code - ZERO);
    else {
      numbers[count] = number;
      follows[count++] = follow;
      number = 0;
      follow = code === COLON ? 1 : 0;
    }
  }
  return count;
}

/** The index after a number and those that belong to it. */
function groupEnd(at: number, count: number): number {
  let end = at + 1;
  while (end < count && follows[end] === 1) end++;
  return end;
}

/** `5:n`, `2:r:g:b` or `2:<space>:r:g:b`. */
function colonColor(from: number, to: number): Color | null {
  if (numbers[from] === INDEXED) return indexed(from + 1 < to ? numbers[from + 1] : undefined);
  if (numbers[from] !== DIRECT) return null;
  const red = to - from > 4 ? from + 2 : from + 1;
  return red + 2 < to ? direct(numbers[red], numbers[red + 1], numbers[red + 2]) : null;
}

/** `5;n` or `2;r;g;b`, each a number of its own. */
function listedColor(from: number, count: number): Color | null {
  const end = listedEnd(from, count);
  for (let at = from; at < end; at++) if (follows[at] === 1) return null;
  if (numbers[from] === INDEXED) return end - from === 2 ? indexed(numbers[from + 1]) : null;
  return end - from === 4 ? direct(numbers[from + 1], numbers[from + 2], numbers[from + 3]) : null;
}

/** The index after what a color that begins at `from` takes, whether it is one or not. */
function listedEnd(from: number, count: number): number {
  if (from >= count) return count;
  const colons = groupEnd(from, count) > from + 1;
  const groups = colons ? 1 : numbers[from] === INDEXED ? 2 : numbers[from] === DIRECT ? 4 : 1;
  let end = from;
  for (let group = 0; group < groups && end < count; group++) end = groupEnd(end, count);
  return end;
}

function indexed(n: number | undefined): Color | null {
  return n !== undefined && n <= BYTE_MAX ? n : null;
}

function direct(r = NUMBER_MAX, g = NUMBER_MAX, b = NUMBER_MAX): Color | null {
  return r > BYTE_MAX || g > BYTE_MAX || b > BYTE_MAX ? null : RGB + (r << 16) + (g << 8) + b;
}
