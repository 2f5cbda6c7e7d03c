import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countFeeds, triggerScan } from './trigger_scan.ts';

const WORDS = ['fail', 'error', '^e: ', ': *** ', 'terror'];
const scan = triggerScan(WORDS);
const piece = fc.constantFrom(
  'fail',
  'FAIL',
  'Fail',
  'fai',
  'error',
  'erro',
  'r',
  'e: ',
  'E: ',
  '\n',
  '\r',
  '\u001b[',
  '[1G',
  '2K',
  'm',
  ' ',
  ': *** ',
  'é',
  '\0',
  'x',
  'terror',
);
const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));

function plainly(data: Buffer, from: number): number {
  const low = data.toString('latin1').toLowerCase();
  const all = WORDS.flatMap((word) =>
    word.startsWith('^')
      ? ['\n', '\r', ' ', 'm', '[g', '[0g', '[1g', '[k', '[0k', '[1k', '[2k'].map((before) => before + word.slice(1))
      : [word],
  );
  const places = all.map((word) => low.indexOf(word, from)).filter((at) => at !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}

test('finds the first word, whatever its case, wherever it is looked from', () => {
  fc.assert(
    fc.property(text, fc.nat(10), (given, from) => {
      const data = Buffer.from(given);
      expect(scan.next(data, from, data.length)).toBe(plainly(data, from));
    }),
  );
});

test('a word that is cut off by the end of the stretch is none', () => {
  const data = Buffer.from('xx failed');
  expect(scan.next(data, 0, 7)).toBe(3);
  expect(scan.next(data, 0, 6)).toBe(-1);
});

test('a word of less than four bytes is refused', () => expect(() => triggerScan(['abc'])).toThrow('less than 4'));

test('line feeds are counted in any stretch', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.map((byte) => (byte < 90 ? 10 : byte))),
      fc.nat(8),
      fc.nat(8),
      (bytes, a, b) => {
        const from = Math.min(a, bytes.length);
        const to = Math.max(from, bytes.length - b);
        expect(countFeeds(bytes, from, to)).toBe(bytes.subarray(from, to).filter((byte) => byte === 10).length);
      },
    ),
  );
});
