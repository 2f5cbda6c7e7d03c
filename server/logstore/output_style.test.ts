import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLAIN, styleAfter } from '../../src/shared/output/ansi.ts';
import { SGR_PARAMS_MOST } from '../../src/shared/output/sequence.ts';
import { PLAIN_OUTPUT, SEQUENCE_MOST_BYTES, styleThrough } from './output_style.ts';
import { decodeLossy } from './utf8_cut.ts';

const E = '\u001b';
const noise = fc.array(
  fc
    .constantFrom(
      ...[E, `${E}[`, '31', '1', ';', 'm', '0', `${E}[1;4m`, `${E}[0m`, '?', ':', '\n', '\r', 'é', 'x', '\u009b', '[', ']', 'K'],
    )
    .map((text) => Buffer.from(text)),
  { maxLength: 40 },
);
const broken = fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes));

test('for any bytes and any cuts it is the style after the decoded text', () => {
  fc.assert(
    fc.property(noise, broken, fc.array(fc.nat({ max: 60 })), (parts, bytes, cuts) => {
      const data = Buffer.concat([...parts.slice(0, 7), bytes, ...parts.slice(7)]);
      let output = PLAIN_OUTPUT;
      let feeds = 0;
      const borders = [0, ...cuts.filter((cut) => cut < data.length).sort((a, b) => a - b), data.length];
      for (const [at, from] of borders.entries()) {
        const through = styleThrough(output, data.subarray(from, borders[at + 1] ?? data.length));
        output = through;
        feeds += through.feeds;
      }
      expect(feeds).toBe(data.filter((byte) => byte === 10).length);
      expect(output.style).toEqual(styleAfter(decodeLossy(data), PLAIN));
    }),
    { numRuns: 2_000 },
  );
});

test('over more than is looked through at once, whatever lies at the border', () => {
  const piece = fc.constantFrom(`${E}[31m`, `${E}[m`, `${E}[0m`, `${E}[1m`, E, `${E}[`, `${E}[3`, '0m', '\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.nat({ max: 12 }), fc.array(piece, { maxLength: 3 }), (before, less, after) => {
      const data = Buffer.concat([Buffer.from(before.join('')), Buffer.alloc(65_536 - less, 'x'), Buffer.from(after.join(''))]);
      const { style, feeds } = styleThrough(PLAIN_OUTPUT, data);
      expect(style).toEqual(styleAfter(decodeLossy(data), PLAIN));
      expect(feeds).toBe(data.filter((byte) => byte === 10).length);
    }),
    { numRuns: 300 },
  );
});

test('what stands so many bytes before a cut tells how the sequence goes on; a longer one does nothing', () => {
  for (const length of [SGR_PARAMS_MOST, SGR_PARAMS_MOST + 1, 5_000]) {
    const data = Buffer.from(`${E}[32m${E}[${'31'.padStart(length, '0')}m`);
    const cut = data.length - 1;
    const { style } = styleThrough(PLAIN_OUTPUT, data.subarray(0, cut));
    const { open } = styleThrough(PLAIN_OUTPUT, data.subarray(cut - SEQUENCE_MOST_BYTES, cut));
    expect(styleThrough({ style, open }, data.subarray(cut)).style).toEqual({ ...PLAIN, fg: length > SGR_PARAMS_MOST ? 2 : 1 });
    expect(styleThrough(PLAIN_OUTPUT, data).style).toEqual(styleAfter(String(data), PLAIN));
  }
});

test('what was worked out for ever other colours is forgotten again', () => {
  const red = (): unknown => styleThrough(PLAIN_OUTPUT, Buffer.from('\u001b[31m')).style;
  const before = red();
  const colors = Array.from({ length: 20_000 }, (_, n) => `\u001b[38;5;${n % 100}m\u001b[48;5;${Math.floor(n / 100) % 100}m`);
  styleThrough(PLAIN_OUTPUT, Buffer.from(colors.join('')));
  expect(red()).toEqual(before);
  expect(red()).not.toBe(before);
});
