import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIAGNOSIS_TRIGGERS, SECTION_TRIGGERS } from '../../../src/shared/output/trigger_words.ts';
import { triggerScan } from './trigger_scan.ts';

const WORDS = ['fail', 'error', '^e: ', ': *** ', 'terror'];
const scan = triggerScan(WORDS, 400);
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

function plainly(data: Buffer, from: number, words: readonly string[] = WORDS): number {
  const low = data.toString('latin1').toLowerCase();
  const all = words.flatMap((word) =>
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
      const data = scan.put(Buffer.from(given));
      expect(scan.next(data, from, data.length)).toBe(plainly(data, from));
    }),
  );
});

test('finds each of the words of a survey, more than one set of groups has', () => {
  const words = [...DIAGNOSIS_TRIGGERS, ...SECTION_TRIGGERS];
  const survey = triggerScan(words, 2_000);
  const some = fc.tuple(fc.constantFrom(...words), fc.nat(9), fc.boolean()).map(([word, left_out, raised]) => {
    const part = word.replace('^', '\n').slice(0, word.length - Math.max(0, left_out - 6));
    return raised ? part.toUpperCase() : part;
  });
  const filler = fc.stringMatching(/^[ -~]{0,40}$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(some, filler), { maxLength: 20 }), fc.nat(40), (parts, from) => {
      const data = survey.put(Buffer.from(parts.join('')));
      expect(survey.next(data, from, data.length)).toBe(plainly(data, from, words));
    }),
    { numRuns: 2_000 },
  );
});

test('a word that is cut off by the end of the stretch is none', () => {
  const data = scan.put(Buffer.from('xx failed'));
  expect(scan.next(data, 0, 7)).toBe(3);
  expect(scan.next(data, 0, 6)).toBe(-1);
});

test('a word of less than four bytes is refused', () => expect(() => triggerScan(['abc'], 1)).toThrow('less than 4'));

test('line feeds are counted in any stretch', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.map((byte) => (byte < 90 ? 10 : byte))),
      fc.nat(8),
      fc.nat(8),
      (bytes, a, b) => {
        const from = Math.min(a, bytes.length);
        const to = Math.max(from, bytes.length - b);
        expect(scan.feeds(scan.put(Buffer.from(bytes)), from, to)).toBe(bytes.subarray(from, to).filter((byte) => byte === 10).length);
      },
    ),
  );
});
