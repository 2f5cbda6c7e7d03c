import { expect, test } from 'vitest';
import { HASH_MOST_BYTES, HashCheck } from './hash_check.svelte.ts';

const file = new Uint8Array(9 * 1024 * 1024).map((_, i) => i % 251);
const { subtle } = crypto;
const sha256 = [...new Uint8Array(await subtle.digest('SHA-256', file))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const read = async ({ from, to }: { from: number; to: number }): Promise<Uint8Array> => file.slice(from, to);

test('verified only when the bytes read here have the hash', async () => {
  const check = new HashCheck(read, subtle);
  expect(check.state).toEqual({ type: 'unchecked' });
  await check.check({ bytes: file.length, sha256 });
  expect(check.state).toEqual({ type: 'verified', sha256 });
  await check.check({ bytes: file.length, sha256: 'another' });
  expect(check.state).toEqual({ type: 'differs', bytes: file.length, sha256 });
});

test('one changed byte, and a missing one, differ', async () => {
  const changed = new HashCheck(
    async (range) => (await read(range)).map((byte, i) => (range.from === 0 && i === 7 ? byte ^ 1 : byte)),
    subtle,
  );
  await changed.check({ bytes: file.length, sha256 });
  expect(changed.state.type).toBe('differs');
  const shorter = new HashCheck(async (range) => (await read(range)).subarray(0, 4_000_000), subtle);
  await shorter.check({ bytes: file.length, sha256 });
  expect(shorter.state).toEqual({ type: 'differs', bytes: 4_000_000, sha256: '' });
});

test('what could not be read is said', async () => {
  const check = new HashCheck(() => Promise.reject(new Error('The server did not answer.')), subtle);
  await check.check({ bytes: 1, sha256 });
  expect(check.state).toEqual({ type: 'failed', reason: 'The server did not answer.' });
});

test('where it cannot be done it is not offered', () => {
  expect(new HashCheck(read, subtle).can(HASH_MOST_BYTES)).toBe(true);
  expect(new HashCheck(read, subtle).can(HASH_MOST_BYTES + 1)).toBe(false);
  expect(new HashCheck(read, null).can(1)).toBe(false);
});
