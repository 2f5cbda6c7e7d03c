import { expect, test } from 'vitest';
import { plainLines } from './plain_lines.ts';

test.each([
  ['colours', '\x1b[1m\x1b[31mred\x1b[39;49m\x1b[0m', 'red'],
  ['true colours', '\x1b[38:2::255:0:0mred\x1b[m', 'red'],
  ['links', '\x1b]8;;https://example.com\x1b\\text\x1b]8;;\x07', 'text'],
  ['cursor moves', '\x1b[2K\x1b[1Gdone\x1b(B', 'done'],
  ['a progress bar', '10%\r50%\r100%\r', '100%'],
  ['a spinner', '\u001b[2K\u001b[1Gone\u001b[2K\u001b[1Gtwo', 'two'],
  ['a Windows line end', 'text\r', 'text'],
  ['a bell', 'ding\x07', 'ding'],
  ['a line without end', 'x'.repeat(100_000), 'x'.repeat(1000)],
  ['a tab', 'ok  \texample.com/a\t0.1s', 'ok  \texample.com/a\t0.1s'],
])('%s', (_what, text, expected) => {
  expect(plainLines(`${text}\nnext`)).toEqual([expected, 'next']);
});
