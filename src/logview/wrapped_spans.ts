/** The part of a line's spans that stands in one of its wrapped rows. */
import type { Span } from './ansi.ts';
import { wrapOffsets } from './display_width.ts';

/** @param part which row of the line, from 0. */
export function wrappedSpans(spans: readonly Span[], columns: number, part: number): Span[] {
  const offsets = wrapOffsets(spans.map(({ text }) => text).join(''), columns);
  return sliceSpans(spans, offsets[part] ?? 0, offsets[part + 1] ?? Infinity);
}

function sliceSpans(spans: readonly Span[], from: number, to: number): Span[] {
  const out: Span[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    const cut = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (cut !== '') out.push({ text: cut, style });
    at += text.length;
  }
  return out;
}
