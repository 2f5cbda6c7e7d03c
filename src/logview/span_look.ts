/** How a style looks: classes for what the tokens colour, colour values only for the 256 and 24-bit ones, which have no token. */
import { RGB, type Color, type Style } from '../shared/output/ansi.ts';

export interface SpanLook {
  class: string;
  color: string | null;
  background: string | null;
}

const ATTRIBUTES = ['bold', 'dim', 'italic', 'underline', 'strike'] as const satisfies (keyof Style)[];
const PALETTE = 16;
const looks = new Map<Style, SpanLook>();
/** Styles live as long as the lines that share them; a look is cheap to make again. */
const LOOKS_KEPT = 1_000;

export function spanLook(style: Style): SpanLook {
  const known = looks.get(style);
  if (known !== undefined) return known;
  if (looks.size >= LOOKS_KEPT) looks.clear();
  const look = lookOf(style);
  looks.set(style, look);
  return look;
}

function lookOf(style: Style): SpanLook {
  const classes: string[] = ATTRIBUTES.filter((name) => style[name]);
  const { fg, bg } = style;
  if (style.inverse) {
    // The ground's own colour on a full fill: the palette's background tints are made for coloured text, not for it.
    classes.push('inverse', fg !== null && fg < PALETTE ? `fill-${fg}` : '');
    return { class: joined(classes), color: css(bg), background: css(fg) };
  }
  classes.push(fg !== null && fg < PALETTE ? `fg-${fg}` : '', bg !== null && bg < PALETTE ? `bg-${bg}` : '');
  return { class: joined(classes), color: css(fg), background: css(bg) };
}

function joined(classes: readonly string[]): string {
  return classes.filter((name) => name !== '').join(' ');
}

function css(color: Color | null): string | null {
  if (color === null || color < PALETTE) return null;
  if (color >= RGB) return `rgb(${(color >> 16) & 255} ${(color >> 8) & 255} ${color & 255})`;
  if (color >= 232) return rgb((color - 232) * 10 + 8, (color - 232) * 10 + 8, (color - 232) * 10 + 8);
  const cube = color - PALETTE;
  return rgb(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6));
}

const rgb = (r: number, g: number, b: number): string => `rgb(${r} ${g} ${b})`;
const step = (n: number): number => (n === 0 ? 0 : n * 40 + 55);
