import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyEnd, standing } from './standing.ts';
import { StandingScan } from './standing_scan.ts';

const E = '\u001b';
const piece = fc.constantFrom('a', '\r', E, '[', '0', '1', 'G', `${E}[G`, `${E}[1G`, `${E}[2G`, `${E}[K`);
const line = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));

test('is that of the whole line, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (pieces) => {
      const whole = pieces.join('');
      const scan = new StandingScan(7);
      for (const each of pieces) {
        const data = Buffer.from(each);
        scan.add(data);
        // The next is read into the same memory.
        data.fill('G');
      }
      const to = scan.end();
      expect([scan.from - 7, to - 7]).toEqual([bodyEnd(whole) - standing(whole).length, bodyEnd(whole)]);
    }),
    { numRuns: 5_000 },
  );
});

test('bytes are counted, not characters', () => {
  const scan = new StandingScan(0);
  scan.add(Buffer.from('é\r✓✓'));
  expect([scan.end(), scan.from]).toEqual([9, 3]);
});
