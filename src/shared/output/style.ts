/**
 * How output looks, and what an SGR sequence makes of it. Equal styles are one object, and what a code makes of a style is worked out once: the same few
 * codes follow the same few styles in every line of a log. Both memories are bounded; output with a colour of its own for every character
 * only makes them forget.
 */

/** 0 to 15 the palette, 16 to 255 the 256 colours, from `RGB` on 24 bits. */
export type Color = number;
export const RGB = 0x1000000;

export interface Style {
  readonly fg: Color | null;
  readonly bg: Color | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly strike: boolean;
}

export const PLAIN: Style = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
};

/** One attribute changed: an SGR code, or a colour on top of one of these. */
export type Change = number;
export const CODES_MAX = 107;
export const FOREGROUND = 0x2000000;
export const BACKGROUND = 0x4000000;

/** A style, and the styles that changes made of it. */
interface Step {
  readonly style: Style;
  readonly next: Map<Change, Step>;
}

const STYLES_KEPT = 4_096;
const CHANGES_KEPT = 16_384;
let interned = new Map<string, Step>();
/** By object, also of equal ones that were not made here. */
let steps = new WeakMap<Style, Step>();
let changes_kept = 0;
/** Codes are read one after another: the style asked about is most often the one just made. */
let last = stepOf(PLAIN);

/** The object that stands for all styles equal to this one. */
export function one(style: Style): Style {
  return stepOf(style).style;
}

/** `style` with one attribute changed; a code without a meaning here changes nothing. */
export function changed(style: Style, change: Change): Style {
  const step = last.style === style ? last : stepOf(style);
  last = step.next.get(change) ?? made(step, change);
  return last.style;
}

function made(step: Step, change: Change): Step {
  const next = stepOf(apply(step.style, change));
  step.next.set(change, next);
  changes_kept++;
  if (changes_kept > CHANGES_KEPT || interned.size > STYLES_KEPT) {
    interned = new Map([[keyOf(PLAIN), { style: PLAIN, next: new Map() }]]);
    steps = new WeakMap();
    changes_kept = 0;
    return stepOf(next.style);
  }
  return next;
}

function stepOf(style: Style): Step {
  const known = steps.get(style);
  if (known !== undefined) return known;
  const key = keyOf(style);
  const step = interned.get(key) ?? { style, next: new Map() };
  interned.set(key, step);
  steps.set(style, step);
  return step;
}

function keyOf({ fg, bg, bold, dim, italic, underline, inverse, strike }: Style): string {
  return [fg, bg, +bold, +dim, +italic, +underline, +inverse, +strike].join();
}

function apply(style: Style, change: Change): Style {
  if (change >= BACKGROUND) return { ...style, bg: change - BACKGROUND };
  if (change >= FOREGROUND) return { ...style, fg: change - FOREGROUND };
  return change === 0 ? PLAIN : { ...style, ...(CODES[change] ?? basic(change)) };
}

const CODES: Readonly<Partial<Record<number, Partial<Style>>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fg: null },
  49: { bg: null },
};

function basic(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return {};
}
