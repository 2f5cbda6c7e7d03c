import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskedText } from './masked_text.ts';

const text = (minLength: number, maxLength: number) =>
  fc.string({ unit: 'binary-ascii', minLength, maxLength }).map((s) => s.replace(/[\r\n]/g, '.'));

describe('the base64 of a secret among others, broken into lines', () => {
  test.each([76, 64])('of %i is masked in any column, and hardly anything else', (width) => {
    fc.assert(
      fc.property(text(0, 160), text(12, 160), text(0, 60), (before, secret, after) => {
        const whole = Buffer.from(before + secret + after).toString('base64');
        const [from, to] = [Math.ceil((before.length * 4) / 3), Math.floor(((before.length + secret.length) * 4) / 3)];
        const lines = (stretch: string, begin: number): string =>
          [...stretch].map((character, at) => ((begin + at) % width === 0 && begin + at > 0 ? `\n${character}` : character)).join('');
        // What is broken right before the secret's own characters is broken outside of it.
        const broken = from % width === 0 && from > 0 ? '\n' : '';
        fc.pre(to > from && !(after + before).includes(secret.slice(0, 4)));
        const masked = maskedText(`${lines(whole, 0)}\n`, [secret]);
        const head = `${lines(whole.slice(0, from), 0)}${broken}***`;
        expect(masked.slice(0, head.length)).toBe(head);
        // Its last characters hold the first bits of what follows as well: alone, or where those are zero, they are of the secret, too.
        const tail = `${lines(whole.slice(to), to)}\n`;
        expect(tail.endsWith(masked.slice(head.length))).toBe(true);
        expect(tail.length - (masked.length - head.length)).toBeLessThanOrEqual(4);
      }),
      { numRuns: 400 },
    );
  });
});

test('a run with the same secrets has a masker of its own', () => {
  const secrets = ['hush-hush'];
  expect(['hush-', 'hush', 'hush-hush'].map((said) => maskedText(said, secrets))).toEqual(['hush-', 'hush', '***']);
});
