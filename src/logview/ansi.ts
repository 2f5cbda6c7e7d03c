/**
 * One line of output as styled spans: text and SGR codes, nothing else. Every other escape sequence and control character is dropped, a
 * sequence that the line ends inside of too, so that no output can move, clear or script anything on the page. A line is parsed from the style
 * the line before left behind; that makes any line displayable without the ones above it.
 */

/** 0 to 15 the palette, 16 to 255 the 256 colours, from `RGB` on 24 bits. */
export type Color = number;
export const RGB = 0x1000000;

export interface Style {
  fg: Color | null;
  bg: Color | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

export const PLAIN: Style = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

export interface Span {
  text: string;
  style: Style;
}

const ESC = '\u001b';
/** CSI; OSC and the other strings, to their terminator, the next ESC or the line's end; two-character sequences; a lone ESC. A sequence cut off by the line's end matches to the end. */
const SEQUENCE = /\u001b(?:\[([0-?]*)([ -/]*)([@-~]?)|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~]?)/gu;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/gu;

/** @param raw one line without its line end. @param start the style before its first character. */
export function parseLine(raw: string, start: Style): { spans: Span[]; end: Style } {
  if (!raw.includes(ESC)) return { spans: span(raw, start), end: start };
  const spans: Span[] = [];
  let style = start;
  let from = 0;
  for (const match of raw.matchAll(SEQUENCE)) {
    spans.push(...span(raw.slice(from, match.index), style));
    from = match.index + match[0].length;
    style = after(style, match);
  }
  spans.push(...span(raw.slice(from), style));
  return { spans, end: style };
}

/** The style a line leaves behind. Asked of every line that comes, so it looks at nothing but CSI sequences; the text between does not matter to it. */
export function styleAfter(raw: string, start: Style): Style {
  let style = start;
  for (let at = raw.indexOf(ESC); at !== -1; at = raw.indexOf(ESC, at + 1)) {
    if (raw.charAt(at + 1) !== '[') continue;
    let end = at + 2;
    while (isParameter(raw.charCodeAt(end))) end++;
    if (raw.charAt(end) === 'm') style = sgrOnce(style, raw.slice(at + 2, end));
  }
  return style;
}

/** `0` to `?`; false for the NaN beyond the end. */
function isParameter(code: number): boolean {
  return code >= 0x30 && code <= 0x3f;
}

/** The characters of a line that are shown. */
export function plainText(raw: string): string {
  return (raw.includes(ESC) ? raw.replace(SEQUENCE, '') : raw).replace(CONTROL, '');
}

/** Where an unfinished sequence begins at the end of `raw`, or its length. */
export function unfinishedAt(raw: string): number {
  const at = raw.lastIndexOf(ESC);
  if (at === -1) return raw.length;
  return /^\u001b(?:\[[0-?]*[ -/]*|[ -/]*)$/u.test(raw.slice(at)) ? at : raw.length;
}

function span(text: string, style: Style): Span[] {
  const shown = text.replace(CONTROL, '');
  return shown === '' ? [] : [{ text: shown, style }];
}

function after(style: Style, [, params, intermediates, final]: RegExpExecArray): Style {
  return final === 'm' && intermediates === '' && params !== undefined ? sgrOnce(style, params) : style;
}

/** The same few codes follow the same few styles in every line of a log: worked out once each. */
const steps = new WeakMap<Style, Map<string, Style>>();
const STEPS_KEPT = 256;

function sgrOnce(style: Style, params: string): Style {
  const known = steps.get(style) ?? new Map<string, Style>();
  if (known.size === 0) steps.set(style, known);
  let next = known.get(params);
  if (next === undefined) {
    // Private parameters make it another command.
    next = /[<-?]/u.test(params) ? style : sgr(style, params);
    if (known.size >= STEPS_KEPT) known.clear();
    known.set(params, next);
  }
  return next;
}

const ON: Readonly<Record<number, Partial<Style>>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { fg: null },
  49: { bg: null },
};

function sgr(style: Style, params: string): Style {
  const next = { ...style };
  const codes = params.split(';');
  for (let i = 0; i < codes.length; i++) {
    const parts = (codes[i] ?? '').split(':');
    const code = Number(parts[0] ?? '');
    if (code === 38 || code === 48) {
      const inOne = parts.length > 1;
      const given = inOne ? parts.slice(1) : codes.slice(i + 1, i + 5);
      const color = extended(given.map(Number), inOne);
      if (!inOne) i += color.used;
      if (color.value !== null) next[code === 38 ? 'fg' : 'bg'] = color.value;
    } else if (code === 4 && parts[1] === '0') next.underline = false;
    else Object.assign(next, ON[code] ?? basic(code));
  }
  return intern(next);
}

/** Equal styles are one object: a long log has many lines and few styles. */
const interned = new Map<string, Style>();
const STYLES_KEPT = 4_096;

function intern(style: Style): Style {
  const key = Object.values(style).join();
  const known = interned.get(key);
  if (known !== undefined) return known;
  if (interned.size >= STYLES_KEPT) interned.clear();
  interned.set(key, style);
  return style;
}

function basic(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return {};
}

/** `5;n`, `2;r;g;b`, and with colons also `2:<space>:r:g:b`. */
function extended(given: number[], colons: boolean): { value: Color | null; used: number } {
  if (given[0] === 5) return { value: byte(given[1]), used: 2 };
  if (given[0] !== 2) return { value: null, used: 1 };
  const [r, g, b] = (colons && given.length > 4 ? given.slice(2, 5) : given.slice(1, 4)).map(byte);
  return { value: r == null || g == null || b == null ? null : RGB + (r << 16) + (g << 8) + b, used: 4 };
}

function byte(n: number | undefined): number | null {
  return n !== undefined && Number.isInteger(n) && n >= 0 && n <= 255 ? n : null;
}
