import { expect, test } from 'vitest';
import { ledWords, selectedWords } from './said_words.ts';

const textOf = (n: number): string => `  text of ${n}`;

test('where the reader was led to, with as much of the line as is here', () => {
  expect(ledWords({ n: 1_204, error: null }, ' a match ')).toBe('Line 1,204: a match');
  expect(ledWords({ n: 7, error: null }, '')).toBe('Line 7');
  expect(ledWords({ n: 7, error: { k: 1, count: 4 } }, 'error TS1005')).toBe('Error 2 of 4, line 7: error TS1005');
  expect(ledWords({ n: 7, error: null }, 'x'.repeat(300))).toBe(`Line 7: ${'x'.repeat(200)}…`);
});

test('what is selected, and what became of a copy', () => {
  expect(selectedWords({ type: 'lines', anchor: 7, focus: 7 }, '', textOf)).toBe('Line 7 selected: text of 7');
  expect(selectedWords({ type: 'lines', anchor: 7, focus: 5 }, '', textOf)).toBe('3 lines selected');
  expect(selectedWords({ type: 'lines', anchor: 7, focus: 5 }, 'Copied 3 lines.', textOf)).toBe('Copied 3 lines.');
  expect(selectedWords(null, 'Link copied.', textOf)).toBe('Link copied.');
  expect(selectedWords(null, '', textOf)).toBe('');
});
