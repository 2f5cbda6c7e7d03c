import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256 } from './sha256.ts';

/** The browser's own. */
async function expected(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
const numbered = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).map((_, i) => i * 7);

test('is that of the standard, at every length around a block', async () => {
  for (let length = 0; length <= 200; length++) {
    const hash = new Sha256();
    hash.add(numbered(length));
    expect(hash.hex()).toBe(await expected(numbered(length)));
  }
});

test('is the same however the bytes are cut', async () => {
  const bytes = numbered(2_000);
  const whole = await expected(bytes);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const hash = new Sha256();
      const ends = [...cuts, bytes.length].sort((one, other) => one - other);
      ends.forEach((end, i) => hash.add(bytes.subarray(ends[i - 1] ?? 0, end)));
      expect(hash.hex()).toBe(whole);
    }),
  );
});
