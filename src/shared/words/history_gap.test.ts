import { expect, test } from 'vitest';
import { gapWords } from './history_gap.ts';

test.each([
  [{ from: 1_204, to: 1_310, why: 'the log ended early' }, 'events 1,204 to 1,310 were lost on the server: the log ended early'],
  [{ from: 7, to: 7, why: 'another history' }, 'event 7 was lost on the server: another history'],
  [
    { from: 1_204, to: 1_203, why: 'an older copy was put back' },
    'events after 1,203 may be lost on the server: an older copy was put back',
  ],
  [{ from: 1, to: 0, why: '' }, 'events may be lost on the server'],
])('%j', (gap, words) => expect(gapWords(gap)).toBe(words));
