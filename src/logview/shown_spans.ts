/** Spans of one line as they are drawn: with marks laid over them, and cut where the line wraps. */
import type { Span } from '../shared/output/ansi.ts';

/** A stretch of a line's shown text, in UTF-16 units; `to` is exclusive. */
export interface Mark {
  from: number;
  to: number;
  /** A class of `ansi.css`. */
  class: string;
}
export type ShownSpan = Span & {
  mark?: string;
  /** It has no effect on what stands beside it. */
  alone?: boolean;
};

export function sliceSpans(spans: readonly ShownSpan[], from: number, to: number): ShownSpan[] {
  const out: ShownSpan[] = [];
  let at = 0;
  for (const span of spans) {
    const text = span.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text !== '') out.push({ ...span, text });
    at += span.text.length;
  }
  return out;
}

/** @param marks in order, none over another. */
export function markedSpans(spans: readonly ShownSpan[], marks: readonly Mark[]): ShownSpan[] {
  const out: ShownSpan[] = [];
  let at = 0;
  for (const mark of marks) {
    out.push(...sliceSpans(spans, at, mark.from));
    out.push(...sliceSpans(spans, mark.from, mark.to).map((span) => ({ ...span, mark: mark.class })));
    at = mark.to;
  }
  return [...out, ...sliceSpans(spans, at, Infinity)];
}
