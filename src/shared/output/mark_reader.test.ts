import { expect, test } from 'vitest';
import { ERROR_MARKS_MOST } from '../protocol/log_bounds.ts';
import { MarkReader } from './mark_reader.ts';

function marked(lines: readonly string[], cut = -1): number[] {
  let reader = new MarkReader();
  const found: number[] = [];
  for (const [at, line] of lines.entries()) {
    reader.read(at + 1, at, line);
    if (at !== cut) continue;
    found.push(...reader.errors.map(({ n }) => n));
    reader = new MarkReader(structuredClone(reader.state));
  }
  return [...found, ...reader.errors.map(({ n }) => n)];
}

test.each<[string, string[], number[]]>([
  ['lines of a run are one account', ['npm error code 1', 'npm error', 'npm error no lamp', 'x', 'npm error again'], [1, 5]],
  ['two diagnostics below each other are two', ['a.ts(1,1): error TS1: a', 'a.ts(2,1): error TS1: b'], [1, 2]],
  ['a heading and the reason right below it are one', [' FAIL  a.test.ts > b', 'AssertionError: c', 'x', 'AssertionError: d'], [1, 4]],
  ['two headings are two', ['FAIL a.test.js', 'FAIL b.test.js'], [1, 2]],
  [
    'a traceback is marked at its last line, whatever it is called',
    ['Traceback (most recent call last):', '  File "a.py", line 1', '    x()', 'lamp.Dark: no oil', 'x'],
    [4],
  ],
  ['an indented one too', ['  Traceback (most recent call last):', '    File "a.py", line 1', '  lamp.Dark: no oil'], [3]],
  ['one within a build step', ['#8 1.2 Traceback (most recent call last):', '#8 1.2   File "a.py"', '#8 1.3 lamp.Dark: no oil'], [3]],
  ['one without a sentence is none', ['Traceback (most recent call last):', '  File "a.py"', '', 'x'], []],
  ['what was overwritten in place counts as it stands', ['Error: no\rdone', '10%\rError: no'], [2]],
])('%s', (_what, lines, expected) => {
  expect(marked(lines)).toEqual(expected);
  for (const cut of lines.keys()) expect(marked(lines, cut)).toEqual(expected);
});

test('all are counted, the first are kept', () => {
  const reader = new MarkReader();
  for (let n = 1; n <= ERROR_MARKS_MOST + 5; n++) reader.read(n, n, 'Error: no lamp');
  expect(reader.errors).toHaveLength(ERROR_MARKS_MOST);
  expect(reader.state.count).toBe(ERROR_MARKS_MOST + 5);
});

test('a traceback without an end is not waited through for ever', () => {
  const reader = new MarkReader();
  reader.read(1, 0, 'Traceback (most recent call last):');
  for (let n = 2; reader.attentive; n++) {
    expect(n).toBeLessThan(5_000);
    reader.read(n, n, '  File "a.py"');
  }
});
