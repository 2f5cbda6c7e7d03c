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

test('who and when are said, also where the sentence leaves them out', () => {
  const at = '2026-11-14T02:05:07.000Z';
  const time = timeOfDay(Date.parse(at));
  const replaced = { code: 'replaced' as const, message: '1.4.1 replaced 1.4.0 while this was open.', at };
  expect(refusalWords({ ...replaced, by: 'local:Ben' })).toBe(`${replaced.message} Ben, ${time}.`);
  expect(refusalWords({ ...replaced, by: 'system:pipeline' })).toBe(`${replaced.message} ${time}.`);
  expect(refusalWords({ code: 'held', message: '1.4.0 was rolled back here by Ben.', by: 'local:Ben', at })).toBe(
    `1.4.0 was rolled back here by Ben. ${time}.`,
  );
});
