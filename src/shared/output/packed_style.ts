/** A style as three numbers, as it goes over the wire and into the index of a log. */
import type { PackedStyle } from '../protocol/run_log.ts';
import { one, PLAIN, type Style } from './style.ts';

const FLAGS = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike'] as const satisfies (keyof Style)[];
const NONE = -1;

export const PLAIN_PACKED: PackedStyle = [NONE, NONE, 0];

export function packStyle(style: Style): PackedStyle {
  const flags = FLAGS.reduce((sum, flag, bit) => sum + (style[flag] ? 1 << bit : 0), 0);
  return [style.fg ?? NONE, style.bg ?? NONE, flags];
}

/** Total: what no writer of ours makes is read as none. */
export function unpackStyle([fg, bg, flags]: PackedStyle): Style {
  if (fg === NONE && bg === NONE && flags === 0) return PLAIN;
  const set = Object.fromEntries(FLAGS.map((flag, bit) => [flag, (flags & (1 << bit)) !== 0]));
  return one({ ...PLAIN, ...set, fg: fg < 0 ? null : fg, bg: bg < 0 ? null : bg });
}
