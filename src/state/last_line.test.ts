import { expect, test } from 'vitest';
import { LastLine } from './last_line.ts';

test('the newest line that says something, whole or not yet', () => {
  const line = new LastLine();
  expect(line.add('')).toBe('');
  expect(line.add('one\ntw')).toBe('tw');
  expect(line.add('o\n\n  \n')).toBe('two');
  expect(line.add('three')).toBe('three');
});

test('colours are left out, cut anywhere, and a rewritten line shows its last state', () => {
  const line = new LastLine();
  line.add('\u001b[3');
  expect(line.add('2mgreen\u001b[0m\n')).toBe('green');
  expect(line.add('10 %\r20 %\r')).toBe('20 %');
});
