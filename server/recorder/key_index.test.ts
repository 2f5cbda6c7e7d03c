import { expect, test } from 'vitest';
import { KEY_KEPT_MS, KeyIndex, type KeyEntry } from './key_index.ts';

const entry = (at_ms: number): KeyEntry => ({ body_hash: null, answer: { status: 'applied', seq_no: 1 }, at_ms });

test('an entry counts for 24 h and not a millisecond longer', () => {
  const keys = new KeyIndex();
  keys.add('k', entry(1_000), 1_000);
  expect(keys.get('k', 1_000 + KEY_KEPT_MS - 1)).toEqual(entry(1_000));
  expect(keys.get('k', 1_000 + KEY_KEPT_MS)).toBeUndefined();
  expect(keys.get('other', 1_000)).toBeUndefined();
});

test('what is too old is forgotten when something is added', () => {
  const keys = new KeyIndex();
  for (let n = 0; n < 10; n++) keys.add(`k${n}`, entry(n), n);
  expect(keys.size).toBe(10);
  keys.add('new', entry(KEY_KEPT_MS + 8), KEY_KEPT_MS + 8);
  expect(keys.size).toBe(2);
});

test('a key that is used again later is kept as long as its later use', () => {
  const keys = new KeyIndex();
  keys.add('again', entry(0), 0);
  keys.add('other', entry(1), 1);
  keys.add('again', entry(KEY_KEPT_MS), KEY_KEPT_MS);
  keys.add('new', entry(KEY_KEPT_MS + 5), KEY_KEPT_MS + 5);
  expect(keys.get('again', KEY_KEPT_MS + 5)?.at_ms).toBe(KEY_KEPT_MS);
  expect(keys.size).toBe(2);
});
