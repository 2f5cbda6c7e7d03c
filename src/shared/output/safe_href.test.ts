import { expect, test } from 'vitest';
import { HREF_MAX, linkHost, safeHref } from './safe_href.ts';

test.each([
  ['https://example.org', 'https://example.org/'],
  ['http://localhost:7766/runs/1#L3', 'http://localhost:7766/runs/1#L3'],
  ['HTTPS://EXAMPLE.org/A', 'https://example.org/A'],
  ['https://example.org/é', 'https://example.org/%C3%A9'],
])('%s is one', (text, href) => expect(safeHref(text)).toBe(href));

test.each([
  '',
  'javascript:alert(1)',
  'JavaScript://example.org/%0aalert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'vscode://open',
  'mailto:a@example.org',
  'ftp://example.org',
  '//example.org',
  '/runs/1',
  'https:example.org',
  'https:',
  'https://',
  'https://user@example.org',
  'https://user:word@example.org',
  'https://:word@example.org',
  'https://good.example@evil.example',
  'https://exa\tmple.org',
  'https://example.org/\n',
  ' https://example.org',
  'https://example.org/a b',
  'https://example.org/\u009b',
  'https://[::1',
  `https://example.org/${'a'.repeat(HREF_MAX)}`,
  `https://example.org/${'./'.repeat(HREF_MAX)}`,
  `https://example.org/${'é'.repeat(HREF_MAX / 3)}`,
])('%j is none', (text) => expect(safeHref(text)).toBeNull());

test.each([
  ['https://example.org:8443/x', 'example.org:8443'],
  [safeHref('https://ex\u0430mple.org/')!, 'xn--exmple-4nf.org'],
  ['no address', ''],
])('the host of %s is %s', (href, host) => expect(linkHost(href)).toBe(host));
