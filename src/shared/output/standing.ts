/**
 * What is left standing of a line that was started over. A `\r` within a line starts it over, and so does the cursor's move to the first column (`ESC[G`,
 * `ESC[0G`, `ESC[1G`): only what comes after the last of them stands, in the style all that came before left. At the line's end (of `\r\n`, or of a progress
 * bar that has not gone on yet) they start nothing over.
 *
 * A terminal writes over what was there, and leaves the tail of a longer state behind a shorter one unless it is erased. Here a state is the whole
 * line: whoever draws a shorter one means it so and pads or erases for the terminal's sake, and one rule that looks at nothing else is the same
 * for the page, for search and for the plain download, needs no column of any character, and is the same wherever the text is cut: a `\r` and an
 * ESC end whatever sequence they stand in.
 */
import { plainText, styleAfter, type Style } from './ansi.ts';
import { BRACKET, ESC, COLUMN } from './sequence.ts';

const CR = 13;
const RETURN = '\r';

/** Where the `\r`s and moves that end a line begin, or its length. @param raw a line without its line feed, or a beginning of one. */
export function bodyEnd(raw: string): number {
  let end = raw.length;
  for (let before = startOverBefore(raw, end); before < end; before = startOverBefore(raw, end)) end = before;
  return end;
}

/** Where the `\r` or the move begins that ends at `end`; `end` when none does. */
function startOverBefore(raw: string, end: number): number {
  const last = raw.charCodeAt(end - 1);
  return last === CR ? end - 1 : last === COLUMN ? moveBefore(raw, end) : end;
}

/** @param end behind a `G`. @returns where its sequence begins when it moves to the first column; `end` when it does not. */
function moveBefore(raw: string, end: number): number {
  const digit = raw.charCodeAt(end - 2);
  const at = digit === 0x30 || digit === 0x31 ? end - 3 : end - 2;
  return raw.charCodeAt(at) === BRACKET && raw.charCodeAt(at - 1) === ESC ? at - 1 : end;
}

/** Where what stands of a line begins. @param end where it ends: `bodyEnd`. */
export function standingBegin(raw: string, end: number): number {
  if (end === 0) return 0;
  const from = raw.lastIndexOf(RETURN, end - 1) + 1;
  for (let at = raw.lastIndexOf('G', end - 1); at >= from; at = raw.lastIndexOf('G', at - 1)) {
    if (moveBefore(raw, at + 1) <= at) return at + 1;
    if (at === 0) break;
  }
  return from;
}

/** @param raw one line without its line feed. */
export function standing(raw: string): string {
  const end = bodyEnd(raw);
  return raw.slice(standingBegin(raw, end), end);
}

/** @param start the style before the line's first character. */
export function standingLine(raw: string, start: Style): { raw: string; start: Style } {
  const stands = standing(raw);
  const before = bodyEnd(raw) - stands.length;
  return { raw: stands, start: before === 0 ? start : styleAfter(raw.slice(0, before), start) };
}

/** The characters of a line that are shown: of its standing part, without escape sequences and controls. */
export function plainLine(raw: string): string {
  return plainText(standing(raw));
}
