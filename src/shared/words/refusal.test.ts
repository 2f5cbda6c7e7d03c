import { expect, test } from 'vitest';
import { refusalWords } from './refusal.ts';
import { timeOfDay } from './time.ts';

test('a time in a refusal is said in the reader’s own clock', () => {
  const at = '2026-11-14T02:05:07.000Z';
  const refusal = { code: 'already_decided' as const, message: 'Ben rejected 1.4.0 at 02:05:07 UTC, before you.', at };
  expect(refusalWords(refusal)).toBe(`Ben rejected 1.4.0 at ${timeOfDay(Date.parse(at))}, before you.`);
});

test('without a time the sentence stays as it is', () => {
  expect(refusalWords({ code: 'busy', message: 'unit_tests of 1.4.0 runs on host.' })).toBe('unit_tests of 1.4.0 runs on host.');
});
