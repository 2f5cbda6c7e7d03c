/**
 * One line of output as styled spans: text, SGR codes and links, nothing else. Every other escape sequence and control character is dropped, a
 * sequence that the line ends inside of too, so that no output can move, clear or script anything on the page; on request they are spans of their
 * own, as text that can be read. A line is parsed from the style the line before left behind; that makes any line displayable without the ones
 * above it. A link ends with its line. The time taken grows with the length of a line, whatever is in it.
 */
import { hyperlink, isHyperlink } from './hyperlink.ts';
import { ESC, isControl, NOWHERE, sequenceEnd, sgrEnd } from './sequence.ts';
import { sgr } from './sgr.ts';
import { SpanList, type Span } from './span_list.ts';
import type { Style } from './style.ts';

export type { Span } from './span_list.ts';
export { PLAIN, RGB, type Color, type Style } from './style.ts';

/** Characters an SGR sequence has before its parameters. */
const INTRODUCER = 2;

/** @param raw one line without its line end. @param start the style before its first character. @param options `controls`: show what is dropped otherwise. */
export function parseLine(raw: string, start: Style, options?: { controls?: boolean }): { spans: Span[]; end: Style } {
  let at = textEnd(raw, 0);
  if (at === raw.length) return { spans: at === 0 ? [] : [{ text: raw, style: start }], end: start };
  const list = new SpanList(raw, start, options?.controls ?? false);
  list.text(0, at);
  while (at < raw.length) {
    const from = take(list, raw, at);
    at = textEnd(raw, from);
    list.text(from, at);
  }
  return { spans: list.take(), end: list.style };
}

/** Takes the sequence or control character at `at`. @returns the index after it. */
function take(list: SpanList, raw: string, at: number): number {
  if (raw.charCodeAt(at) === ESC) {
    const m = sgrEnd(raw, at);
    if (m !== NOWHERE) {
      list.restyle(sgr(list.style, raw, at + INTRODUCER, m));
      return m + 1;
    }
    const end = sequenceEnd(raw, at);
    const link = isHyperlink(raw, at) ? hyperlink(raw, at, end) : null;
    // One that is refused ends the one before all the same: the text after it was not meant to lead there.
    if (link !== null) list.link(link.href);
    if (link?.refused !== false) list.control(at, end);
    return end;
  }
  list.control(at, at + 1);
  return at + 1;
}

/** The style a line leaves behind. Asked of every line that comes, so it looks at nothing but SGR sequences; the text between does not matter to it. */
export function styleAfter(raw: string, start: Style): Style {
  let style = start;
  for (let at = raw.indexOf('\u001b'); at !== -1; at = raw.indexOf('\u001b', at + 1)) {
    const m = sgrEnd(raw, at);
    if (m !== NOWHERE) style = sgr(style, raw, at + INTRODUCER, m);
  }
  return style;
}

/** The characters of a line that are shown. */
export function plainText(raw: string): string {
  let at = textEnd(raw, 0);
  if (at === raw.length) return raw;
  let text = raw.slice(0, at);
  while (at < raw.length) {
    const from = raw.charCodeAt(at) === ESC ? sequenceEnd(raw, at) : at + 1;
    at = textEnd(raw, from);
    text += raw.slice(from, at);
  }
  return text;
}

/** Where the text that begins at `at` is broken by a control character. */
function textEnd(raw: string, at: number): number {
  let end = at;
  while (end < raw.length && !isControl(raw.charCodeAt(end))) end++;
  return end;
}

/** Where an unfinished sequence begins at the end of `raw`, or its length. */
export function unfinishedAt(raw: string): number {
  const at = raw.lastIndexOf('\u001b');
  if (at === -1) return raw.length;
  return /^\u001b(?:\[[0-?]*[ -/]*|[ -/]*)$/u.test(raw.slice(at)) ? at : raw.length;
}
