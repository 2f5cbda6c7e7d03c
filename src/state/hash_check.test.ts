import { expect, test } from 'vitest';
import { HashCheck, RANGE_BYTES } from './hash_check.svelte.ts';

const file = new Uint8Array(9 * 1024 * 1024).map((_, i) => i % 251);
const sha256 = [...new Uint8Array(await crypto.subtle.digest('SHA-256', file))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const read = async ({ from, to }: { from: number; to: number }): Promise<Uint8Array> => file.slice(from, to);

test('verified only when the bytes read here have the hash', async () => {
  const check = new HashCheck(read);
  expect(check.state).toEqual({ type: 'unchecked' });
  await check.check({ bytes: file.length, sha256 });
  expect(check.state).toEqual({ type: 'verified', sha256 });
  await check.check({ bytes: file.length, sha256: 'another' });
  expect(check.state).toEqual({ type: 'differs', bytes: file.length, sha256 });
});

test('one changed byte, and a missing one, differ', async () => {
  const changed = new HashCheck(async (range) => (await read(range)).map((byte, i) => (range.from === 0 && i === 7 ? byte ^ 1 : byte)));
  await changed.check({ bytes: file.length, sha256 });
  expect(changed.state.type).toBe('differs');
  const shorter = new HashCheck(async (range) => (await read(range)).subarray(0, 500_000));
  await shorter.check({ bytes: file.length, sha256 });
  expect(shorter.state).toEqual({ type: 'differs', bytes: 500_000, sha256: '' });
});

test('what could not be read is said', async () => {
  const check = new HashCheck(() => Promise.reject(new Error('The server did not answer.')));
  await check.check({ bytes: 1, sha256 });
  expect(check.state).toEqual({ type: 'failed', reason: 'The server did not answer.' });
});

test('of a log of any size a piece is asked for at a time, and none after the page is left', async () => {
  const asked: number[] = [];
  const check = new HashCheck(async ({ from, to }) => {
    asked.push(to - from);
    if (asked.length === 100) check.close();
    return new Uint8Array(to - from);
  });
  await check.check({ bytes: 2 ** 40, sha256 });
  expect(asked).toEqual(Array.from({ length: 100 }, () => RANGE_BYTES));
});
