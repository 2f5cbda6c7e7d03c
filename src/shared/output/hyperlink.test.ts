import { expect, test } from 'vitest';
import { parseLine, PLAIN } from './ansi.ts';

const E = '\u001b';
const ST = `${E}\\`;
const A = 'https://a.example/';
const B = 'https://b.example/';
const open = (uri: string, params = ''): string => `${E}]8;${params};${uri}${ST}`;
const close = open('');
const links = (raw: string): [string, string?][] =>
  parseLine(raw, PLAIN).spans.map(({ text, href }) => (href === undefined ? [text] : [text, href]));

test.each<[string, string, [string, string?][]]>([
  ['opened and closed', `see ${open(A)}here${close}.`, [['see '], ['here', A], ['.']]],
  ['ended by a bell', `${E}]8;;${A}\u0007here${E}]8;;\u0007.`, [['here', A], ['.']]],
  ['with an id', `${open(A, 'id=x:y=z')}here${close}`, [['here', A]]],
  ['with semicolons of its own', `${open(`${A}a;b`)}here${close}`, [['here', `${A}a;b`]]],
  [
    'over two colours',
    `${open(A)}one${E}[31mtwo${close}`,
    [
      ['one', A],
      ['two', A],
    ],
  ],
  ['not closed', `${open(A)}to the end`, [['to the end', A]]],
  ['nested', `${open(A)}one${open(B)}two${close}three`, [['one', A], ['two', B], ['three']]],
  ['to nowhere good', `${open('javascript:alert(1)')}text${close}`, [['text']]],
  ['to nowhere good within another', `${open(A)}one${open('javascript:alert(1)')}two${close}`, [['one', A], ['two']]],
  ['cut off in its address', `x${E}]8;;${A}`, [['x']]],
  ['cut off by a sequence', `${E}]8;;${A}${E}[31mred`, [['red']]],
  ['cut off within another', `${open(A)}one${E}]8;;${B}${E}[31mred`, [['one', A], ['red']]],
  ['without an address', `${E}]8;${ST}x`, [['x']]],
  ['without text', `${open(A)}${close}x`, [['x']]],
])('a link %s', (_, raw, expected) => expect(links(raw)).toEqual(expected));

test('no link goes on in the next line', () => {
  const { end } = parseLine(`${open(A)}one`, PLAIN);
  expect(parseLine('two', end).spans).toEqual([{ text: 'two', style: PLAIN }]);
});
