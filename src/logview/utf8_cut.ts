/** Where bytes taken from the middle of a file can be read from: not inside a character, and if possible at the beginning of a line. */

const LINE_FEED = 10;
/** A UTF-8 character has at most three continuation bytes. */
const CONTINUATIONS_MAX = 3;

/** @returns how many bytes to leave out at the front so that the rest begins a character. */
export function characterStart(bytes: Uint8Array): number {
  let at = 0;
  while (at < CONTINUATIONS_MAX && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return at;
}

/** @returns how many bytes to leave out so that the rest begins a line, or a character when no line begins in them. */
export function lineStart(bytes: Uint8Array): number {
  const feed = bytes.indexOf(LINE_FEED);
  return feed === -1 ? characterStart(bytes) : feed + 1;
}
