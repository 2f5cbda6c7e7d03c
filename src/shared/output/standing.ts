/**
 * What is left standing of a line that was started over. A `\r` within a line starts it over: only what comes after the last one stands, in the style all
 * that came before left. A `\r` at the line's end (of `\r\n`, or of a progress bar that has not gone on yet) starts nothing over.
 *
 * A terminal writes over what was there, and leaves the tail of a longer state behind a shorter one unless it is erased. Here a state is the whole
 * line: whoever draws a shorter one means it so and pads or erases for the terminal's sake, and one rule that looks at `\r` alone is the same
 * for the page, for search and for the plain download, needs no column of any character, and is the same wherever the text is cut.
 */
import { plainText, styleAfter, type Style } from './ansi.ts';

export const START_OVER = '\r';
const CR = 13;

/** Where the `\r`s that end a line begin, or its length. @param raw a line without its line feed, or a beginning of one. */
export function bodyEnd(raw: string): number {
  let end = raw.length;
  while (end > 0 && raw.charCodeAt(end - 1) === CR) end--;
  return end;
}

/** @param raw one line without its line feed. */
export function standing(raw: string): string {
  const end = bodyEnd(raw);
  const from = end === 0 ? 0 : raw.lastIndexOf(START_OVER, end - 1) + 1;
  return raw.slice(from, end);
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
