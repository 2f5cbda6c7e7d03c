import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainStream } from './plain_stream.ts';
import { plainLine } from './standing.ts';
import { stripBytes } from './strip_bytes.ts';

const BOUNDS = { line_bytes: 6, sequence_bytes: 4 };

/** @param cuts lengths of the pieces, over and over. */
function pieces(data: Uint8Array, cuts: readonly number[]) {
  return async function* (from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from, n = 0; at < to; n++) {
      const end = Math.min(to, at + (cuts[n % cuts.length] ?? 1));
      yield data.subarray(at, end);
      at = end;
    }
  };
}

async function plain(data: Uint8Array, cuts: readonly number[], bounds?: typeof BOUNDS): Promise<Uint8Array> {
  const out: number[] = [];
  for await (const piece of plainStream(pieces(data, cuts), 0, data.length, bounds)) out.push(...piece);
  return Uint8Array.from(out);
}

const text = (data: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

const part = fc.constantFrom(
  '\u001b',
  '[',
  ']',
  '31',
  ';',
  'm',
  'a',
  'bc',
  ' ',
  '\r',
  '\r',
  '1',
  'G',
  '\u001b[1G',
  '\n',
  '\u0007',
  '\\',
  '\u0085',
  '¢',
  'é',
  '€',
  'P',
  '\u0000',
  '\t',
);
const output = fc.array(part, { maxLength: 60 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test('for any output and any pieces it is the text of its lines, with a bound that makes most of them long ones too', async () => {
  await fc.assert(
    fc.asyncProperty(output, cuts, async (raw, lengths) => {
      const lines = raw.split('\n').map(plainLine).join('\n');
      expect(text(await plain(bytes(raw), lengths))).toBe(lines);
      expect(text(await plain(bytes(raw), lengths, BOUNDS))).toBe(lines);
    }),
    { numRuns: 3000 },
  );
});

test('bytes that are no text stay as they are', async () => {
  const byte = fc.constantFrom(0x1b, 0x5b, 0x6d, 0x0d, 0x0a, 0xc2, 0x85, 0xff, 0x41, 0x20);
  await fc.assert(
    fc.asyncProperty(fc.array(byte, { maxLength: 60 }), cuts, async (raw, lengths) => {
      const data = Uint8Array.from(raw);
      expect([...(await plain(data, lengths, BOUNDS))]).toEqual([...stripBytes(data)]);
    }),
    { numRuns: 2000 },
  );
});

test('what it holds does not grow with a line or a sequence that never ends', async () => {
  const size = 16_000_000;
  const piece = new Uint8Array(65_536).fill(0x61);
  /** Something, started over, and the beginning of a title. */
  const BEGIN = [0x62, 0x0d, 0x1b, 0x5d];
  let read = 0;
  const endless = async function* (from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += piece.length) {
      read += piece.length;
      const given = piece.slice(0, to - at);
      if (at < BEGIN.length) given.set(BEGIN.slice(at));
      yield given;
    }
  };
  let most = 0;
  let all = 0;
  for await (const given of plainStream(endless, 0, size)) {
    most = Math.max(most, given.buffer.byteLength);
    all += given.length;
  }
  expect(all).toBe(0);
  expect(most).toBeLessThan(4_000_000);
  expect(read).toBeLessThan(size * 2.1);
});
