/** Any output at all: what the page makes of it is text, styles and links to the web, the same however it comes, in a time that grows with its length. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLine, PLAIN, plainText, styleAfter, type Span, type Style } from './ansi.ts';
import { safeHref } from './safe_href.ts';

const E = '\u001b';
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/u;

const sequence = fc.constantFrom(
  ...[
    E,
    `${E}[`,
    `${E}]`,
    `${E}]8;`,
    `${E}]8;;`,
    `${E}P`,
    `${E}_`,
    `${E}\\`,
    `${E}[0m`,
    `${E}[1;31m`,
    `${E}[38;5;208m`,
    `${E}[48:2::1:2:3m`,
  ],
  ...[
    `${E}[38;2;1;2;3m`,
    `${E}[2K`,
    `${E}[?25l`,
    `${E}]8;;https://a.example/${E}\\`,
    `${E}]8;id=1;http://b.example\u0007`,
    `${E}]8;;${E}\\`,
  ],
  ...[`${E}]8;;javascript:alert(1)${E}\\`, `${E}]8;;https://u:p@a.example${E}\\`, 'https://c.example', 'data:text/html,<b>', '<img src=x>'],
);
const shard = fc.constantFrom(...'[];:m0138?> (\\/&<"\'\r\u0007\u0008\u0000\u007f\u0085\u009b\u009d\u2028\u202e\té😀a'.split(''));
const bytes = fc.uint8Array({ maxLength: 12 }).map((some) => new TextDecoder().decode(some));
const line = fc.array(fc.oneof(sequence, shard, bytes), { maxLength: 60 }).map((parts) => parts.join('').replaceAll('\n', ''));

const joined = (spans: readonly Span[]): string => spans.map(({ text }) => text).join('');

test.each([false, true])('no line makes anything but text, styles and links to the web (controls %s)', (controls) => {
  fc.assert(
    fc.property(line, (raw) => {
      const { spans, end } = parseLine(raw, PLAIN, { controls });
      expect(joined(spans.filter(({ kind }) => kind === undefined))).toBe(plainText(raw));
      expect(end).toEqual(styleAfter(raw, PLAIN));
      for (const { text, href } of spans) {
        expect(text).not.toBe('');
        expect(text).not.toMatch(CONTROL);
        if (href !== undefined) expect(safeHref(href)).toBe(href);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what is visible on request changes nothing else', () => {
  fc.assert(
    fc.property(line, (raw) => {
      const all = parseLine(raw, PLAIN, { controls: true });
      const { spans, end } = parseLine(raw, PLAIN);
      expect(glued(all.spans.filter(({ kind }) => kind === undefined))).toEqual(glued(spans));
      expect(all.end).toBe(end);
    }),
    { numRuns: 2_000 },
  );
});

test('a line has the same text and links in whatever style it begins', () => {
  const characters = (raw: string, start: Style): unknown[] =>
    parseLine(raw, start).spans.flatMap(({ text, href }) => text.split('').map((one) => [one, href]));
  fc.assert(
    fc.property(line, line, (before, raw) => {
      expect(characters(raw, styleAfter(before, PLAIN))).toEqual(characters(raw, PLAIN));
    }),
  );
});

test('the hand-made scanner drops what this expression matches', () => {
  const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~]?)/gu;
  fc.assert(
    fc.property(line, (raw) => {
      expect(plainText(raw)).toBe(raw.replace(SEQUENCE, '').replaceAll(new RegExp(CONTROL, 'gu'), ''));
    }),
    { numRuns: 2_000 },
  );
});

/** Neighbours that look alike as one. */
function glued(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last !== undefined && last.style === span.style && last.href === span.href) last.text += span.text;
    else out.push({ ...span });
  }
  return out;
}

describe('twice the line takes twice the work', () => {
  const SIZE = 100_000;
  test.each([
    ...[
      `${E}[`,
      `${E}]8;;`,
      `${E}]8;`,
      `${E}]`,
      E,
      `${E}[1;`,
      `${E}[38;5;1m`,
      `${E}[38;`,
      `${E}[4:`,
      `${E}]8;;http://a${E}\\`,
      `${E}]8;;http://a\u0007x`,
    ],
    ...['\r', '\u0007', 'a\u0007', ';', '\u009b', `${E}(`, `${E}P\u0008`, 'a'],
  ])('of %j', (unit) => {
    const raw = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
    for (const controls of [false, true]) {
      const [one, two] = [raw(SIZE), raw(2 * SIZE)].map((text) => work(() => parseLine(text, PLAIN, { controls })));
      expect(two! / one!).toBeLessThan(2.1);
    }
    for (const asked of [plainText, (text: string) => styleAfter(text, PLAIN)]) {
      const [one, two] = [raw(SIZE), raw(2 * SIZE)].map((text) => work(() => asked(text)));
      expect(two! / one!).toBeLessThan(2.1);
    }
  });

  test.each([`${E}[`, `${E}]8;;`, `${E}]8;;https://a/`, `${E}[38;5;`])('of %j and a long rest', (begin) => {
    for (const unit of ['1', ';', ':', 'a', '/']) {
      const raw = (size: number): string => `${begin}${unit.repeat(size)}m`;
      const [one, two] = [raw(SIZE), raw(2 * SIZE)].map((text) => work(() => parseLine(text, PLAIN)));
      expect(two! / one!).toBeLessThan(2.1);
    }
  });
});

/** Characters looked at: time would depend on whatever else the machine does. */
function work(act: () => void): number {
  let looked = 1;
  const counted = (
    name: 'charCodeAt' | 'indexOf' | 'slice' | 'replace',
    cost: (text: string, result: never, from: unknown) => number,
  ): (() => void) => {
    const descriptor = Object.getOwnPropertyDescriptor(String.prototype, name)!;
    const original = descriptor.value as (this: string, a: unknown, b: unknown) => never;
    const value = function (this: string, a: unknown, b: unknown): unknown {
      const result = original.call(this, a, b);
      looked += cost(this, result, b);
      return result;
    };
    Object.defineProperty(String.prototype, name, { ...descriptor, value });
    return () => Object.defineProperty(String.prototype, name, descriptor);
  };
  const undo = [
    counted('charCodeAt', () => 1),
    counted('indexOf', (text, at: number, from) => (at < 0 ? text.length : at) - Number(from ?? 0) + 1),
    counted('slice', (_, part: string) => part.length),
    counted('replace', (_, replaced: string) => replaced.length),
  ];
  try {
    act();
  } finally {
    for (const restore of undo) restore();
  }
  return looked;
}
