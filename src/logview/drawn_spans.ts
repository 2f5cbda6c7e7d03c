/** The text of a row in the page: text nodes, classes and links to the web, never markup. What is there is written over: the next line is drawn where another one was. */
import { linkHost, safeHref } from '../shared/output/safe_href.ts';
import type { ShownSpan } from './shown_spans.ts';
import { spanLook, type SpanLook } from './span_look.ts';

interface Drawing {
  /** What stands after the text and is not of it; null when nothing does. */
  end?: Node | null;
  /** The same line was drawn here before: the reader may be about to press a link in it. */
  isSame?: boolean;
}

export function drawSpans(into: Element, spans: readonly ShownSpan[], { end = null, isSame = false }: Drawing = {}): void {
  let at = into.firstChild;
  for (const span of spans) at = drawSpan(into, span, at === end ? null : at, { end, isSame });
  while (at !== end && at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** @param reused what may be written over; null when there is nothing left. @returns what comes after. */
function drawSpan(into: Element, span: ShownSpan, reused: ChildNode | null, { end, isSame }: Required<Drawing>): ChildNode | null {
  const at = reused ?? end;
  const href = span.href === undefined ? null : safeHref(span.href);
  if (href !== null) {
    const { href: _, ...text } = span;
    if (isSame && reused instanceof HTMLAnchorElement && reused.getAttribute('href') === href) {
      drawSpans(reused, [text]);
      return reused.nextSibling;
    }
    // Of another line never one that was there: a reader may be about to press it.
    drawSpans(into.insertBefore(linkTo(href), at), [text]);
    return reused;
  }
  const look = spanLook(span.style);
  const classes = [look.class, span.kind, span.mark, span.alone === true ? 'alone' : ''].filter(Boolean).join(' ');
  if (classes === '' && look.background === null) {
    if (!(reused instanceof Text)) {
      into.insertBefore(new Text(span.text), at);
      return reused;
    }
    if (reused.data !== span.text) reused.data = span.text;
    return reused.nextSibling;
  }
  if (!(reused instanceof HTMLSpanElement)) {
    into.insertBefore(styled(document.createElement('span'), classes, look, span.text), at);
    return reused;
  }
  styled(reused, classes, look, span.text);
  return reused.nextSibling;
}

function styled(element: HTMLSpanElement, classes: string, { color, background, own }: SpanLook, text: string): HTMLSpanElement {
  if (element.className !== classes) element.className = classes;
  if (color !== null || background !== null || own !== null || element.hasAttribute('style')) {
    const { style } = element;
    style.color = color ?? '';
    style.background = background ?? '';
    if (own === null) style.removeProperty('--own');
    else style.setProperty('--own', own);
  }
  if (element.textContent !== text) element.textContent = text;
  return element;
}

/** What its text says may be another place than where it leads: that is said beside it. */
function linkTo(href: string): HTMLAnchorElement {
  const link = document.createElement('a');
  const host = linkHost(href);
  Object.assign(link, { target: '_blank', rel: 'noopener noreferrer', title: `Leads to ${host}` });
  link.setAttribute('href', href);
  link.dataset['host'] = host;
  return link;
}
