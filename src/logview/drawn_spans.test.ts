// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest';
import { parseLine, PLAIN, type Span } from '../shared/output/ansi.ts';
import { drawSpans } from './drawn_spans.ts';

const E = '\u001b';
const ST = `${E}\\`;
const line = document.createElement('span');

function show(spans: readonly Span[]): Element {
  drawSpans(line, spans);
  return line;
}
const showRaw = (raw: string, controls = false): Element => show(parseLine(raw, PLAIN, { controls }).spans);

// What is written over must be as good as new: each line of this file is drawn where another one was.
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
  expect([...line.querySelectorAll('span')].map(({ className, style }) => [className, style.getPropertyValue('--own')])).toEqual([
    ['bold fg-1', ''],
    ['own', 'rgb(255 135 0)'],
  ]);
  expect(line.textContent).toBe('plain red orange');
});

test.each([
  ['38;5;231', 'own', '', ''],
  ['1;2;38;2;1;2;3', 'bold dim own', '', ''],
  ['48;5;231', 'on-light', '', 'rgb(255 255 255)'],
  ['48;5;16', 'on-dark', '', 'rgb(0 0 0)'],
  ['48;2;255;0;0', 'on-light', '', 'rgb(255 0 0)'],
  ['48;2;0;0;255', 'on-dark', '', 'rgb(0 0 255)'],
  ['30;48;5;220', 'on-light', '', 'rgb(255 215 0)'],
  ['97;48;5;52', 'on-dark', '', 'rgb(95 0 0)'],
  ['31;48;5;220', 'fg-1 on-light', '', 'rgb(255 215 0)'],
  ['38;5;16;48;5;17', '', 'rgb(0 0 0)', 'rgb(0 0 95)'],
  ['38;5;231;43', 'bg-3 own', '', ''],
  ['7;38;5;231', 'inverse on-light', '', 'rgb(255 255 255)'],
  ['7;38;5;231;48;5;16', 'inverse', 'rgb(0 0 0)', 'rgb(255 255 255)'],
  ['7;31;48;5;16', 'inverse fill-1 own', '', ''],
])('what can be read is made of %s', (codes, classes, color, background) => {
  const span = showRaw(`${E}[${codes}mx`).querySelector('span');
  expect([span?.className, span?.style.color, span?.style.background]).toEqual([classes, color, background]);
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

describe('written over', () => {
  test('nothing of the line before is left', () => {
    const lines = [
      `plain ${E}[1;31mred${E}[0m ${E}[38;5;208morange`,
      'plain',
      `${E}[7minverse${E}[0m`,
      `see ${E}]8;;https://ci.example.org/${ST}there${E}]8;;${ST} and ${E}[48;2;1;2;3mhere`,
      '',
      `${E}[2mdim${E}[0m, ${E}[4munder`,
    ];
    for (const before of lines)
      for (const raw of lines) {
        const fresh = document.createElement('span');
        drawSpans(fresh, parseLine(raw, PLAIN).spans);
        showRaw(before);
        expect(bare(showRaw(raw).innerHTML)).toBe(bare(fresh.innerHTML));
      }
  });

  test('text takes the place of text, but a link is never another one', () => {
    const text = showRaw('one').firstChild;
    expect(showRaw('two').firstChild).toBe(text);
    const link = showRaw(`${E}]8;;https://ci.example.org/1${ST}there`).querySelector('a');
    expect(showRaw(`${E}]8;;https://ci.example.org/2${ST}there`).querySelector('a')).not.toBe(link);
    expect(link?.getAttribute('href')).toBe('https://ci.example.org/1');
  });

  test('of the same line a link stays the one that is about to be pressed', () => {
    const { spans } = parseLine(`see ${E}]8;;https://ci.example.org/1${ST}there${E}]8;;${ST}.`, PLAIN);
    drawSpans(line, spans);
    const link = line.querySelector('a');
    drawSpans(line, structuredClone(spans), { isSame: true });
    expect(line.querySelector('a')).toBe(link);
    expect(line.textContent).toBe('see there.');
    drawSpans(line, spans);
    expect(line.querySelector('a')).not.toBe(link);
  });

  test('what comes after the text stays', () => {
    const end = line.appendChild(document.createElement('button'));
    drawSpans(line, parseLine(`${E}[31ma${E}[0mb`, PLAIN).spans, { end });
    drawSpans(line, [], { end });
    expect([...line.childNodes]).toEqual([end]);
    end.remove();
  });
});

/** An empty attribute is as good as none. */
const bare = (html: string): string => html.replaceAll(/ (?:style|class)=""/g, '');
