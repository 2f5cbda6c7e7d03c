import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenSequence } from './open_sequence.ts';

const OPEN = /\u001b(\[[ -?]*|[ -/]*)$/;

function isOpen(pieces: readonly string[]): boolean {
  const sequence = new OpenSequence();
  for (const piece of pieces) {
    const data = Buffer.from(`?${piece}?`, 'latin1');
    sequence.written(data, 1, data.length - 1);
  }
  return sequence.open;
}

test.each([
  ['', false],
  ['text 12', false],
  ['\u001b', true],
  ['\u001b(', true],
  ['\u001b(B', false],
  ['\u001b7', false],
  ['\u001b7 ', false],
  ['\u001b[', true],
  ['\u001b[1;31', true],
  ['\u001b[1;31m', false],
  ['\u001b[1;31m 12', false],
  [`\u001b[${'1'.repeat(300)}`, true],
  ['\u001b[31\n', false],
  ['\u001b[31\u001b', true],
  ['\u001b]0;title 1', false],
  ['a[12', false],
])('%j ends inside of a sequence: %s', (text, open) => {
  expect(isOpen([text])).toBe(open);
  expect(isOpen(Array.from(text))).toBe(open);
});

test('however it was written in pieces', () => {
  const piece = fc.string({ unit: fc.constantFrom('\u001b', '[', ' ', '(', '1', ';', 'm', '\n', '\u00fc'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      expect(isOpen(pieces)).toBe(OPEN.test(pieces.join('')));
    }),
    { numRuns: 3000 },
  );
});
