import { expect, test } from 'vitest';
import { logNotes, type LogFacts } from './log_notes.ts';

const facts: LogFacts = { uncounted: 0, uncounted_why: '', file: null, recorded: null, differs: null, onload: () => undefined };
const file = { bytes: 10, sha256: 'aa' };
const texts = (more: Partial<LogFacts>): string[] => logNotes({ ...facts, ...more }).map(({ text }) => text);

test('a log that is as recorded needs no word', () => {
  expect(texts({})).toEqual([]);
  expect(texts({ file })).toEqual([]);
  expect(texts({ file, recorded: file })).toEqual([]);
});

test('what is missing is said with its size, and can be loaded', () => {
  expect(texts({ uncounted: 4_096 })).toEqual(['4,096 bytes not loaded.']);
  expect(texts({ uncounted: 1, uncounted_why: 'The server did not answer.' })).toEqual(['1 byte not loaded. The server did not answer.']);
});

test('another file than the recorded one is said', () => {
  const beginning = 'This is not the log that was recorded when the run ended: the file has';
  expect(texts({ file: { bytes: 9, sha256: 'aa' }, recorded: file })).toEqual([`${beginning} 9 bytes, and not 10 bytes.`]);
  expect(texts({ file: { bytes: 10, sha256: 'ab' }, recorded: file })).toEqual([`${beginning} SHA-256 ab, and not aa.`]);
  expect(texts({ file, recorded: file, differs: { bytes: 10, sha256: 'ac' } })).toEqual([`${beginning} SHA-256 ac, and not aa.`]);
});
