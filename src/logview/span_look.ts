/**
 * How a style looks: classes for what the tokens colour, colour values only for the 256 and 24-bit ones, which have no token. Those were chosen for a ground this
 * page may not have: on the page's own ground such a colour is made as dark or light as can be read there (`own`), and on such a ground text is that of the
 * theme it fits (`on-dark`, `on-light`). Where both were chosen both are as they were written.
 */
import { RGB, type Color, type Style } from '../shared/output/ansi.ts';

export interface SpanLook {
  class: string;
  /** As written. */
  color: string | null;
  background: string | null;
  /** Of text on a ground that is not its own: made readable by the class `own`. */
  own: string | null;
}

const ATTRIBUTES = ['bold', 'dim', 'italic', 'underline', 'strike'] as const satisfies (keyof Style)[];
const PALETTE = 16;
/** Of the palette, those without a hue. */
const NEUTRAL: readonly Color[] = [0, 7, 8, 15];
/** The first of the greys among the 256. */
const GREYS = 232;
/** From here on the light theme's ink is read better than the dark one's. */
const LIGHT = 0.18;
type Rgb = readonly [r: number, g: number, b: number];
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
  const { inverse } = style;
  const [ink, ground] = inverse ? [style.bg, style.fg] : [style.fg, style.bg];
  if (inverse) classes.push('inverse');
  // The ground's own colour on a full fill: the palette's background tints are made for coloured text, not for it.
  if (ground !== null && ground < PALETTE) classes.push(`${inverse ? 'fill' : 'bg'}-${ground}`);
  const [color, background] = [valueOf(ink), valueOf(ground)];
  // Black, white and the greys are the page's ink, lighter or darker; on another ground they are its ink.
  if (!inverse && ink !== null && ink < PALETTE && (background === null || !NEUTRAL.includes(ink))) classes.push(`fg-${ink}`);
  if (color !== null && background === null) classes.push('own');
  if (color === null && background !== null) classes.push(luminance(background) > LIGHT ? 'on-light' : 'on-dark');
  return {
    class: classes.join(' '),
    color: color === null || background === null ? null : css(color),
    background: background === null ? null : css(background),
    own: color === null || background !== null ? null : css(color),
  };
}

/** Null for a colour that has a token. */
function valueOf(color: Color | null): Rgb | null {
  if (color === null || color < PALETTE) return null;
  if (color >= RGB) return [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  if (color >= GREYS) return [(color - GREYS) * 10 + 8, (color - GREYS) * 10 + 8, (color - GREYS) * 10 + 8];
  const cube = color - PALETTE;
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)];
}

const css = (rgb: Rgb): string => `rgb(${rgb.join(' ')})`;
const step = (n: number): number => (n === 0 ? 0 : n * 40 + 55);

/** As WCAG has it, 0 to 1. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((byte) => (byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
