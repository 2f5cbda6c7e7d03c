/**
 * Where an escape sequence ends: CSI; OSC and the other strings, to their terminator, the next ESC or the line's end; sequences of two characters; a
 * lone ESC. One that is cut off ends where the text does. Hand-made: a regular expression per line costs more than all the rest of showing it.
 */

export const BEL = 0x07;
export const ESC = 0x1b;
export const BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
/** `G`: the end of a CSI sequence that moves the cursor to a column of its line, the first when it names none. */
export const COLUMN = 0x47;
const DELETE = 0x7f;
const FINAL_M = 0x6d;
export const NOWHERE = -1;
/** An SGR sequence with longer parameters does nothing, so that however output is cut, so much before a cut tells in which style it goes on. */
export const SGR_PARAMS_MOST = 128;

/** Not for showing: C0 but the tab, delete, C1. */
export function isControl(code: number): boolean {
  return code < 0x20 ? code !== 0x09 : code >= DELETE && code <= 0x9f;
}

/** `0` to `?`. As the others, false for the NaN beyond the end. */
export function isParameter(code: number): boolean {
  return code >= 0x30 && code <= 0x3f;
}

/** Space to `/`. */
export function isIntermediate(code: number): boolean {
  return code >= 0x20 && code <= 0x2f;
}

/** What ends a CSI sequence. */
export function isFinal(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}

/** What ends a sequence without parameters. */
export function isShortFinal(code: number): boolean {
  return code >= 0x30 && code <= 0x7e;
}

/** Whether ESC and this character begin a string: DCS, SOS, OSC, PM, APC. */
export function beginsString(code: number): boolean {
  return code === 0x50 || code === 0x58 || (code >= 0x5d && code <= 0x5f);
}

/** @param at of the ESC. @returns the index after the sequence. */
export function sequenceEnd(raw: string, at: number): number {
  const kind = raw.charCodeAt(at + 1);
  if (kind === BRACKET) return csiEnd(raw, at + 2);
  if (beginsString(kind)) return stringEnd(raw, at + 2);
  let end = at + 1;
  while (isIntermediate(raw.charCodeAt(end))) end++;
  return isShortFinal(raw.charCodeAt(end)) ? end + 1 : end;
}

function csiEnd(raw: string, at: number): number {
  let end = at;
  while (isParameter(raw.charCodeAt(end))) end++;
  while (isIntermediate(raw.charCodeAt(end))) end++;
  return isFinal(raw.charCodeAt(end)) ? end + 1 : end;
}

function stringEnd(raw: string, at: number): number {
  for (let end = at; end < raw.length; end++) {
    const code = raw.charCodeAt(end);
    if (code === BEL) return end + 1;
    if (code === ESC) return raw.charCodeAt(end + 1) === BACKSLASH ? end + 2 : end;
  }
  return raw.length;
}

/** The index of the `m` of the SGR sequence that begins with the ESC at `at`; `NOWHERE` when another begins there. Private parameters or too many make it another. */
export function sgrEnd(raw: string, at: number): number {
  if (raw.charCodeAt(at + 1) !== BRACKET) return NOWHERE;
  let end = at + 2;
  while (isNumeric(raw.charCodeAt(end))) end++;
  return raw.charCodeAt(end) === FINAL_M && end - at - 2 <= SGR_PARAMS_MOST ? end : NOWHERE;
}

/** Digits, colon and semicolon. */
function isNumeric(code: number): boolean {
  return code >= 0x30 && code <= 0x3b;
}
