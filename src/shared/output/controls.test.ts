import { expect, test } from 'vitest';
import { parseLine, PLAIN } from './ansi.ts';
import { SGR_PARAMS_MOST } from './sequence.ts';

const E = '\u001b';
const shown = (raw: string): [string, ('control' | undefined)?][] =>
  parseLine(raw, PLAIN, { controls: true }).spans.map(({ text, kind }) => (kind === undefined ? [text] : [text, kind]));
const control = (text: string): [string, 'control'] => [text, 'control'];

test.each<[string, string, [string, 'control'?][]]>([
  ['an erased line', `a${E}[2Kb`, [['a'], control('␛[2K'), ['b']]],
  ['one after another', `${E}[2K${E}[1G\u0007x`, [control('␛[2K␛[1G␇'), ['x']]],
  ['a line started over', '10%\r20%', [['10%'], control('␍'), ['20%']]],
  ['backspace and delete', 'a\u0008\u007f', [['a'], control('␈␡')]],
  ['C1', 'a\u009b', [['a'], control('<9b>')]],
  ['a title', `${E}]0;a\u0001b\u0007x`, [control('␛]0;a␁b␇'), ['x']]],
  ['what is cut off', `x${E}[38;5`, [['x'], control('␛[38;5')]],
  ['a private m', `${E}[>4;2mx`, [control('␛[>4;2m'), ['x']]],
  ['a link refused', `${E}]8;;file:///x\u0007x`, [control('␛]8;;file:///x␇'), ['x']]],
  ['no colours and no links', `${E}[31mred${E}]8;;https://a.example${E}\\here${E}]8;;${E}\\${E}[0m`, [['red'], ['here']]],
  ['no tabs', 'a\tb', [['a\tb']]],
])('visible: %s', (_, raw, expected) => expect(shown(raw)).toEqual(expected));

test('visible: a colour with too many numbers to be one', () => {
  const codes = '1;'.repeat(SGR_PARAMS_MOST / 2);
  expect(shown(`${E}[${codes}mx`)).toEqual([['x']]);
  expect(shown(`${E}[${codes}1mx`)).toEqual([control(`␛[${codes}1m`), ['x']]);
});
