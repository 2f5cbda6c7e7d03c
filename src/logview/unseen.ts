/**
 * Characters that are not seen and change how others are: marks and overrides of the direction of writing, and such as have no width. Of an override only
 * itself is left on the page: text stands in the order it was written in, and what reads one way is not another. Made visible, each has its picture before it.
 */
import type { Span } from '../shared/output/ansi.ts';
import type { ShownSpan } from './shown_spans.ts';

const DIRECTION = /([\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069])/u;
const UNSEEN = /([\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb])/u;

/** @param shown each has a picture. */
export function unseenApart(spans: readonly Span[], shown: boolean): readonly ShownSpan[] {
  const pattern = shown ? UNSEEN : DIRECTION;
  if (!spans.some(({ text }) => pattern.test(text))) return spans;
  return spans.flatMap((span) => (span.kind === undefined ? parts(span, pattern, shown) : [span]));
}

function parts(span: Span, pattern: RegExp, shown: boolean): ShownSpan[] {
  const out: ShownSpan[] = [];
  for (const [i, text] of span.text.split(pattern).entries()) {
    if (text === '') continue;
    if (i % 2 === 0) out.push({ ...span, text });
    else {
      if (shown) out.push({ text: `<${text.charCodeAt(0).toString(16)}>`, style: span.style, kind: 'control' });
      out.push({ ...span, text, alone: true });
    }
  }
  return out;
}
