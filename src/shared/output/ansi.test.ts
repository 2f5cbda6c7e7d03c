import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN, RGB, parseLine, plainText, styleAfter, unfinishedAt, type Style } from './ansi.ts';

const E = '\u001b';
const spans = (raw: string, start: Style = PLAIN): [string, Partial<Style>][] =>
  parseLine(raw, start).spans.map(({ text, style }) => [
    text,
    Object.fromEntries(Object.entries(style).filter(([name, value]) => value !== PLAIN[name as keyof Style])),
  ]);

describe('colours', () => {
  test.each<[string, Partial<Style>]>([
    ['31', { fg: 1 }],
    ['97', { fg: 15 }],
    ['44', { bg: 4 }],
    ['103', { bg: 11 }],
    ['38;5;208', { fg: 208 }],
    ['48;5;16', { bg: 16 }],
    ['38;2;1;2;3', { fg: RGB + 0x010203 }],
    ['38:2:1:2:3', { fg: RGB + 0x010203 }],
    ['38:2::1:2:3', { fg: RGB + 0x010203 }],
    ['48:5:200', { bg: 200 }],
    ['1;3;4', { bold: true, italic: true, underline: true }],
    ['2', { dim: true }],
    ['7', { inverse: true }],
    ['9', { strike: true }],
    ['4:3', { underline: true }],
    ['38;5;208;1', { fg: 208, bold: true }],
    ['38;2;1;2;3;4', { fg: RGB + 0x010203, underline: true }],
    ['4;58;2;255;0;0', { underline: true }],
    ['31;58;5;1', { fg: 1 }],
    ['58;5;1;3', { italic: true }],
    ['31;58:2::1:0:0', { fg: 1 }],
    ['38;5;256', {}],
    ['38;2;1;2', {}],
    ['38', {}],
    ['9999', {}],
  ])('%s', (codes, style) => expect(spans(`${E}[${codes}mx`)).toEqual([['x', style]]));

  test.each(['', '0', '00'])('%j puts all back', (codes) =>
    expect(spans(`${E}[1;31ma${E}[${codes}mb`)).toEqual([
      ['a', { bold: true, fg: 1 }],
      ['b', {}],
    ]),
  );

  test.each([
    ['1;2', '22'],
    ['3', '23'],
    ['4', '24'],
    ['4', '4:0'],
    ['7', '27'],
    ['9', '29'],
    ['31', '39'],
    ['41', '49'],
  ])('%s is undone by %s', (on, off) => expect(styleAfter(`${E}[${on}m${E}[${off}m`, PLAIN)).toEqual(PLAIN));

  test('a line begins in the style the line before left', () => {
    const left = styleAfter(`${E}[32mgreen`, PLAIN);
    expect(spans('still', left)).toEqual([['still', { fg: 2 }]]);
  });
});

describe('everything else is dropped', () => {
  test.each([
    ['cursor up', `${E}[2Ax`],
    ['erase line', `${E}[2Kx`],
    ['private mode', `${E}[?25lx`],
    ['private m', `${E}[>4;2mx`],
    ['intermediate m', `${E}[1 mx`],
    ['window title', `${E}]0;title\u0007x`],
    ['hyperlink', `${E}]8;;https://example.org${E}\\x${E}]8;;${E}\\`],
    ['device string', `${E}Pabc${E}\\x`],
    ['charset', `${E}(Bx`],
    ['save cursor', `${E}7x`],
    ['lone escape at the end', `x${E}`],
    ['unfinished sequence', `x${E}[38;5`],
    ['unfinished title', `x${E}]0;tit`],
    ['bell, backspace, delete, C1', 'x\u0007\u0008\u007f\u009b'],
    ['null', '\u0000x'],
  ])('%s', (_, raw) => {
    expect(spans(raw)).toEqual([['x', {}]]);
    expect(plainText(raw)).toBe('x');
  });

  test('a title without an end does not swallow what comes after the next sequence', () =>
    expect(spans(`${E}]0;title${E}[31mred`)).toEqual([['red', { fg: 1 }]]));
  test('tabs stay', () => expect(plainText('a\tb')).toBe('a\tb'));
  test('markup is text', () => expect(spans('<img src=x onerror=alert(1)>')).toEqual([['<img src=x onerror=alert(1)>', {}]]));
});

test('parameters beyond the bound do nothing', () => {
  const padded = (length: number): string => `${E}[${'31'.padStart(length, '0;')}mx`;
  expect(spans(padded(128))).toEqual([['x', { fg: 1 }]]);
  expect(spans(padded(130))).toEqual([['x', {}]]);
});

test('where an unfinished sequence begins', () => {
  expect(unfinishedAt(`abc${E}[3`)).toBe(3);
  expect(unfinishedAt(`abc${E}`)).toBe(3);
  expect(unfinishedAt(`abc${E}[31m`)).toBe(8);
});

const noise = fc
  .array(fc.constantFrom(E, '[', ']', '31', ';', 'm', '5', '38', 'a', ' ', '(', 'B', '\u0007', '\\', '?', 'é', '\t', '0'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

test('for any input: spans, plain text and the style left agree, and nothing uncontrolled is shown', () => {
  fc.assert(
    fc.property(noise, (raw) => {
      const parsed = parseLine(raw, PLAIN);
      expect(parsed.spans.map(({ text }) => text).join('')).toBe(plainText(raw));
      expect(parsed.end).toEqual(styleAfter(raw, PLAIN));
      expect(plainText(raw)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/u);
    }),
  );
});

test('equal styles are one object', () => expect(styleAfter(`${E}[31m`, PLAIN)).toBe(styleAfter(`${E}[1;31m${E}[22m`, PLAIN)));
