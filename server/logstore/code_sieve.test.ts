import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codesIn } from './colour_codes.ts';
import { codeSieve } from './code_sieve.ts';
import { PART_BYTES } from './escape_kernels.ts';

const E = '\u001b';
const part = fc.constantFrom(
  ...['a', 'b', 'm', 'ab', ' ', '\n', 'x', 'é', E, `${E}[`, `${E}[m`, `${E}[1m`, `${E}[1 q`, `${E}[31`, `${E}]0;`],
  ...['[', '1', ';', `${E}[${'1'.repeat(61)}m`, `${E}[${'1'.repeat(62)}m`, `${E}[${'1'.repeat(70)}`],
);
const noise = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')));
const secrets = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'm', '1', '['), minLength: 3, maxLength: 6 }).map((text) => Buffer.from(text)),
  { minLength: 1, maxLength: 3 },
);

/** Whether a form lies in the data with codes in its middle, all of it. */
function isPainted(data: Buffer, forms: readonly Buffer[]): boolean {
  const { spans } = codesIn(data);
  const inCode = (at: number): boolean => spans.some(([begin, end]) => begin <= at && at < end);
  const shown = [...data.keys()].filter((at) => !inCode(at));
  const plain = Buffer.from(shown.map((at) => data[at] ?? 0));
  return forms.some((form) => {
    for (let at = plain.indexOf(form); at !== -1; at = plain.indexOf(form, at + 1))
      if ((shown[at + form.length - 1] ?? 0) - (shown[at] ?? 0) >= form.length) return true;
    return false;
  });
}

/** Where the codes begin that the data ends in, or right behind. */
function lastCodes(data: Buffer): number {
  const { spans, unfinished } = codesIn(data);
  let last = unfinished;
  for (const [begin, end] of spans.toReversed()) if (end === last) last = begin;
  return last;
}

test.each([
  ['short', 0, 5_000],
  ['long', PART_BYTES - 20, 40],
])('of %s output, no form with a code in its middle escapes it, and it knows the codes at the end', (_what, before, numRuns) => {
  fc.assert(
    fc.property(secrets, noise, (forms, text) => {
      const data = Buffer.concat([Buffer.alloc(before, 'x'), text]);
      const { inside, last } = codeSieve(forms)(data);
      if (isPainted(data, forms)) expect(inside).toBe(true);
      if (!inside) expect(last).toBe(lastCodes(data));
    }),
    { numRuns },
  );
});

test('what usual output looks like is passed', () => {
  const sift = codeSieve([Buffer.from('hunter2')]);
  const line = `${E}[2m12${E}[0m ${E}[32m✓${E}[39m the test${E}[1m${E}[31m, passed${E}[0m\n`;
  const data = Buffer.from(line.repeat(3_000));
  expect(sift(data)).toEqual({ inside: false, last: data.length });
  expect(sift(Buffer.concat([data, Buffer.from(`hun${E}[1mter2\n`)])).inside).toBe(true);
});
