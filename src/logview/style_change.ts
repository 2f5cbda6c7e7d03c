/**
 * What a stretch of output does to whatever style it is met in: some attributes it sets, the others it leaves. Found by letting it act on two styles
 * that agree in nothing, so that nothing of the stretch itself has to be kept.
 */
import { PLAIN, styleAfter, type Style } from './ansi.ts';

export interface StyleChange {
  /** What it makes of `PLAIN`, and of its opposite. Where both agree, it was set. */
  readonly plain: Style;
  readonly opposite: Style;
}

/** Attributes no output can set all at once: no colour is -1. */
const OPPOSITE: Style = { fg: -1, bg: -1, bold: true, dim: true, italic: true, underline: true, inverse: true };

export const NO_CHANGE: StyleChange = { plain: PLAIN, opposite: OPPOSITE };

/** `change`, and after it what `raw` does. */
export function changedBy({ plain, opposite }: StyleChange, raw: string): StyleChange {
  return { plain: styleAfter(raw, plain), opposite: styleAfter(raw, opposite) };
}

export function applied({ plain, opposite }: StyleChange, to: Style): Style {
  return {
    fg: plain.fg === opposite.fg ? plain.fg : to.fg,
    bg: plain.bg === opposite.bg ? plain.bg : to.bg,
    bold: plain.bold === opposite.bold ? plain.bold : to.bold,
    dim: plain.dim === opposite.dim ? plain.dim : to.dim,
    italic: plain.italic === opposite.italic ? plain.italic : to.italic,
    underline: plain.underline === opposite.underline ? plain.underline : to.underline,
    inverse: plain.inverse === opposite.inverse ? plain.inverse : to.inverse,
  };
}

/** `first`, and after it `then`. */
export function joined(first: StyleChange, then: StyleChange): StyleChange {
  return { plain: applied(then, first.plain), opposite: applied(then, first.opposite) };
}
