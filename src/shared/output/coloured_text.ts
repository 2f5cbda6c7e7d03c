/**
 * Styled text as escape sequences again, for what is copied with its colours. Only SGR codes are written, each line begins and ends plain, and what the
 * output had besides (titles, cursor moves, links) stays out: pasted into a terminal it can colour, and nothing else.
 */
import { PLAIN, RGB, type Color, type Span, type Style } from './ansi.ts';

const FLAGS = [
  ['bold', 1],
  ['dim', 2],
  ['italic', 3],
  ['underline', 4],
  ['inverse', 7],
  ['strike', 9],
] as const satisfies [keyof Style, number][];
const FOREGROUND = 30;
const BACKGROUND = 40;
/** From the eight colours to their bright ones. */
const BRIGHT = 60;

/** One line, or a part of one. */
export function colouredText(spans: readonly Span[]): string {
  let style = PLAIN;
  let out = '';
  for (const span of spans) {
    if (!same(span.style, style)) out += sequence(span.style);
    style = span.style;
    out += span.text;
  }
  return same(style, PLAIN) ? out : `${out}${sequence(PLAIN)}`;
}

/** From whatever style to this one. */
function sequence(style: Style): string {
  const codes = FLAGS.filter(([flag]) => style[flag]).map(([, code]) => code);
  return `\u001b[${[0, ...codes, ...color(style.fg, FOREGROUND), ...color(style.bg, BACKGROUND)].join(';')}m`;
}

function color(value: Color | null, ground: number): number[] {
  if (value === null) return [];
  if (value < 8) return [ground + value];
  if (value < 16) return [ground + BRIGHT + value - 8];
  return value < RGB ? [ground + 8, 5, value] : [ground + 8, 2, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function same(a: Style, b: Style): boolean {
  return a === b || (a.fg === b.fg && a.bg === b.bg && FLAGS.every(([flag]) => a[flag] === b[flag]));
}
