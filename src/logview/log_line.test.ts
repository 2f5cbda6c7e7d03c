// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, test } from 'vitest';
import { parseLine, PLAIN, type Span } from '../shared/output/ansi.ts';
import LogLine from './LogLine.svelte';

const E = '\u001b';
const ST = `${E}\\`;
let shown: Record<string, unknown> | null = null;

function show(spans: readonly Span[]): Element {
  const target = document.body.appendChild(document.createElement('div'));
  shown = mount(LogLine, { target, props: { spans } });
  flushSync();
  return target.querySelector('.log-line')!;
}
const showRaw = (raw: string, controls = false): Element => show(parseLine(raw, PLAIN, { controls }).spans);

afterEach(async () => {
  if (shown !== null) await unmount(shown);
  document.body.replaceChildren();
});

/** Those that a line may have. */
const elements = (of: Element): string[] => [...of.querySelectorAll('*')].map(({ localName }) => localName);

describe('markup in output is text', () => {
  test.each([
    '<img src=x onerror=alert(1)>',
    `${E}[31m<script>alert(1)</script>${E}[0m`,
    '</div><svg onload=alert(1)>&lt;&amp;',
    `${E}[31m" style="position:fixed" onclick="alert(1)`,
  ])('%j', (raw) => {
    const line = showRaw(raw);
    expect(line.textContent).toBe(raw.replaceAll(/\u001b\[\d+m/gu, ''));
    expect(elements(line).filter((name) => name !== 'span')).toEqual([]);
    expect([...line.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((name) => name !== 'class')).toEqual([]);
  });

  test('of a link as of any text', () => {
    const line = showRaw(`${E}]8;;https://example.org/"><img src=x onerror=alert(1)>${ST}<b>here</b>${E}]8;;${ST}`);
    expect(elements(line)).toEqual([]);
    expect(line.textContent).toBe('<b>here</b>');
  });

  test('of a sequence made visible', () => {
    const line = showRaw(`${E}]0;<img src=x onerror=alert(1)>\u0007${E}[2Kx`, true);
    expect(elements(line)).toEqual(['span']);
    expect(line.querySelector('.control')?.textContent).toBe('␛]0;<img src=x onerror=alert(1)>␇␛[2K');
  });
});

test('colours are classes, for the tokens to fill in', () => {
  const line = showRaw(`plain ${E}[1;31mred${E}[0m ${E}[38;5;208morange`);
  expect([...line.querySelectorAll('span')].map(({ className, style }) => [className, style.color !== ''])).toEqual([
    ['bold fg-1', false],
    ['', true],
  ]);
  expect(line.textContent).toBe('plain red orange');
});

describe('links', () => {
  test('say where they lead and tell the place nothing', () => {
    const line = showRaw(`see ${E}]8;id=1;https://ci.example.org:8443/run?a=1;2${ST}${E}[31mthe ${E}[1mrun${E}]8;;${ST}${E}[0m.`);
    const links = [...line.querySelectorAll('a')];
    expect(links.map(({ textContent }) => textContent)).toEqual(['the ', 'run']);
    for (const link of links) {
      expect(link.getAttribute('href')).toBe('https://ci.example.org:8443/run?a=1;2');
      expect(link.getAttribute('rel')).toBe('noopener noreferrer');
      expect(link.getAttribute('target')).toBe('_blank');
      expect(link.getAttribute('title')).toBe('Leads to ci.example.org:8443');
    }
    expect(line.textContent).toBe('see the run.');
  });

  test('are looked at once more before they are made', () => {
    const line = show([{ text: 'here', style: PLAIN, href: 'javascript:alert(1)' }]);
    expect(elements(line)).toEqual([]);
    expect(line.textContent).toBe('here');
  });
});
