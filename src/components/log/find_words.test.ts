import { expect, test } from 'vitest';
import { findWords, noRowWords, type FindState } from './find_words.ts';

const state: FindState = { q: 'err', status: 'done', count: 1_204, share: 1, k: 2, problem: '' };

test.each<[Partial<FindState>, string]>([
  [{}, '3 of 1,204 lines'],
  [{ k: null }, '1,204 lines'],
  [{ count: 1, k: 0 }, '1 of 1 line'],
  [{ count: 0, k: null }, 'No line has “err”.'],
  [{ count: 0, k: null, q: 'x'.repeat(50) }, `No line has “${'x'.repeat(40)}…”.`],
  [{ status: 'searching', count: 12, share: 0.459, k: null }, '12 lines so far, 45 %'],
  [{ status: 'searching', count: 0, share: 0, k: null }, '0 lines so far, 0 %'],
  [{ status: 'failed', problem: 'The pattern lacks a ).' }, 'The pattern lacks a ).'],
  [{ status: 'failed' }, 'Not searched.'],
  [{ status: 'idle' }, ''],
])('%j', (change, words) => expect(findWords({ ...state, ...change })).toBe(words));

test.each<[Partial<FindState>, string]>([
  [{}, 'Searching…'],
  [{ status: 'searching', count: 0 }, 'Searching…'],
  [{ count: 0 }, 'No line has “err”.'],
  [{ problem: 'The server did not answer.' }, 'The server did not answer.'],
])('without a row of those that match: %j', (change, words) => expect(noRowWords({ ...state, ...change })).toBe(words));
