/**
 * Between places in a line's text and in what is drawn of it where control characters are shown: their pictures stand between the text and are not of
 * it, so that what is found, selected, copied and linked to is the same whether they are shown or not.
 */
import type { Span } from '../shared/output/ansi.ts';

export function isPicture({ kind }: Span): boolean {
  return kind === 'control';
}

/** Where a stretch of the text is drawn: from behind the pictures at its beginning to before those at its end. */
export function drawnStretch(spans: readonly Span[], { from, to }: { from: number; to: number }): { from: number; to: number } {
  return { from: drawnAt(spans, (end) => end > from, from), to: drawnAt(spans, (end) => end >= to, to) };
}

/** Characters of the text among the first `drawn` ones that are drawn. */
export function textBefore(spans: readonly Span[], drawn: number): number {
  let at = 0;
  let text = 0;
  for (const span of spans) {
    if (at >= drawn) break;
    if (!isPicture(span)) text += Math.min(span.text.length, drawn - at);
    at += span.text.length;
  }
  return text;
}

/** @param isIn whether the place is in the span whose text ends there. */
function drawnAt(spans: readonly Span[], isIn: (end: number) => boolean, column: number): number {
  let at = 0;
  let text = 0;
  for (const span of spans) {
    if (!isPicture(span)) {
      if (isIn(text + span.text.length)) return at + column - text;
      text += span.text.length;
    }
    at += span.text.length;
  }
  return at;
}
