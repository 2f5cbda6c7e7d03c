import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLine } from './standing.ts';
import { stripBytes } from './strip_bytes.ts';

const E = '\u001b';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const stripped = (text: string): string => decoder.decode(stripBytes(encoder.encode(text)));
const shown = (text: string): string => text.split('\n').map(plainLine).join('\n');

test.each([
  [`${E}[1;31mred${E}[0m\nplain\n`, 'red\nplain\n'],
  ['10%\r20%\r\nnext\r\n', '20%\nnext\n'],
  [`one${E}[1Gtwo${E}[K\nthree${E}[G\n`, 'two\nthree\n'],
  ['one\ntwo\rthree', 'one\nthree'],
  [`${E}]0;no end\nnext`, '\nnext'],
  ['«é» \u0085\u009b\u00a0', '«é» \u00a0'],
  ['\u0000\u0008\u007fx\ty', 'x\ty'],
])('%j is %j', (text, expected) => {
  expect(stripped(text)).toBe(expected);
  expect(shown(text)).toBe(expected);
});

test('text without any is handed back, not copied', () => {
  const data = encoder.encode('é text\n\tof «lines»\n'.replaceAll(/[«»]/gu, ''));
  expect(stripBytes(data)).toBe(data);
});

test('what is given is left as it was', () => {
  const data = encoder.encode(`a${E}[31mb`);
  stripBytes(data);
  expect(data).toEqual(encoder.encode(`a${E}[31mb`));
});

test('bytes that are no UTF-8 are kept', () =>
  expect([...stripBytes(Uint8Array.of(0xff, 0x9b, 0x1b, 0x5b, 0x6d, 0xc2))]).toEqual([0xff, 0x9b, 0xc2]));

const piece = fc.oneof(
  fc.constantFrom(
    E,
    `${E}[`,
    `${E}]`,
    `${E}P`,
    `${E}\\`,
    `${E}[31m`,
    `${E}]8;;https://a.example${E}\\`,
    `${E}[G`,
    `${E}[1G`,
    '\r',
    '\n',
    '\r\n',
    '\u0007',
    '\\',
  ),
  fc.constantFrom('0', '1', 'G', ';', ':', 'm', 'K', ' ', '(', '?', '[', ']', '\t', 'é', '«', '\u0085', '\u009b', '😀', '\u007f', '\u0000'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const text = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('').toWellFormed());

test('for any text, the bytes left are those of the plain lines', () => {
  fc.assert(
    fc.property(text, (any) => {
      expect(stripped(any)).toBe(shown(any));
    }),
    { numRuns: 2_000 },
  );
});
