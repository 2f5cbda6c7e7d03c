/**
 * The text of one row as nodes of the page: text, classes and links to the web, never markup. Made by hand: rows come and go in thousands a second, and a template
 * keeps an effect for each of a line's spans.
 */
import { linkHost, safeHref } from '../shared/output/safe_href.ts';
import type { ShownSpan } from './shown_spans.ts';
import { spanLook } from './span_look.ts';

export function lineNodes(spans: readonly ShownSpan[]): Node[] {
  return spans.map((span) => {
    const node = styledNode(span);
    const href = span.href === undefined ? null : safeHref(span.href);
    return href === null ? node : linked(node, href);
  });
}

function styledNode({ text, style, kind, mark }: ShownSpan): Node {
  const look = spanLook(style);
  const classes = [look.class, kind, mark].filter(Boolean);
  if (classes.length === 0 && look.color === null && look.background === null) return document.createTextNode(text);
  const span = document.createElement('span');
  span.textContent = text;
  if (classes.length > 0) span.className = classes.join(' ');
  if (look.color !== null) span.style.color = look.color;
  if (look.background !== null) span.style.background = look.background;
  return span;
}

function linked(node: Node, href: string): Node {
  const host = linkHost(href);
  const link = document.createElement('a');
  for (const [name, value] of Object.entries({
    href,
    target: '_blank',
    rel: 'noopener noreferrer',
    title: `Leads to ${host}`,
    'data-host': host,
  }))
    link.setAttribute(name, value);
  link.append(node);
  return link;
}
