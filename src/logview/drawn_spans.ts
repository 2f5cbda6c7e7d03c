/** The text of a row in the page: text nodes, classes and links to the web, never markup. What is there is written over: the next line is drawn where another one was. */
import { linkHost, safeHref } from '../shared/output/safe_href.ts';
import type { ShownSpan } from './shown_spans.ts';
import { spanLook } from './span_look.ts';

/** @param end what stands after the text and is not of it; null when nothing does. */
export function drawSpans(into: Element, spans: readonly ShownSpan[], end: Node | null = null): void {
  let at = into.firstChild;
  for (const span of spans) at = drawSpan(into, span, at, end);
  while (at !== end && at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** @param at what may be written over. @returns what comes after. */
function drawSpan(into: Element, span: ShownSpan, at: ChildNode | null, end: Node | null): ChildNode | null {
  const href = span.href === undefined ? null : safeHref(span.href);
  if (href !== null) {
    // Never one that was there: a reader may be about to press it.
    into.insertBefore(linkTo(href, span), at);
    return at;
  }
  const reused = at === end ? null : at;
  const { class: look, color, background } = spanLook(span.style);
  const classes = [look, span.kind, span.mark].filter(Boolean).join(' ');
  if (classes === '' && color === null && background === null) {
    if (!(reused instanceof Text)) {
      into.insertBefore(new Text(span.text), at);
      return at;
    }
    if (reused.data !== span.text) reused.data = span.text;
    return reused.nextSibling;
  }
  if (!(reused instanceof HTMLSpanElement)) {
    into.insertBefore(styled(document.createElement('span'), classes, color, background, span.text), at);
    return at;
  }
  styled(reused, classes, color, background, span.text);
  return reused.nextSibling;
}

function styled(element: HTMLSpanElement, classes: string, color: string | null, background: string | null, text: string): HTMLSpanElement {
  if (element.className !== classes) element.className = classes;
  if (color !== null || background !== null || element.hasAttribute('style')) {
    element.style.color = color ?? '';
    element.style.background = background ?? '';
  }
  if (element.textContent !== text) element.textContent = text;
  return element;
}

/** What its text says may be another place than where it leads: that is said beside it. */
function linkTo(href: string, span: ShownSpan): HTMLAnchorElement {
  const link = document.createElement('a');
  const host = linkHost(href);
  Object.assign(link, { href, target: '_blank', rel: 'noopener noreferrer', title: `Leads to ${host}` });
  link.dataset['host'] = host;
  const { href: _, ...text } = span;
  drawSpans(link, [text]);
  return link;
}
