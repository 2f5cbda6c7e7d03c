import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { plainLine } from '../../../src/shared/output/standing.ts';
import type { Needle } from './needle.ts';
import { patternNeedle } from './pattern_needle.ts';

/** A needle as text: single bytes as they are, of sets their first and last. */
function shown(needle: Needle): string[] {
  const set = (bytes: readonly number[]): string => {
    const [first = '', last = ''] = [bytes[0], bytes.at(-1)].map((byte) => String.fromCharCode(byte ?? 0));
    return bytes.length === 1 ? first : `[${first}${last}]`;
  };
  return needle.map((sequence) => sequence.map(set).join(''));
}

describe('what every match holds', () => {
  it.each<[string, string[], boolean]>([
    ['error TS[0-9]+: the', ['error TS[09]'], false],
    ['AssertionError|undefined reference|npm ERR', ['AssertionError', 'undefined reference', 'npm ERR'], true],
    ['[A-Z]{2}[0-9]{4}', ['[AZ][AZ][09][09][09][09]'], true],
    ['^FAIL\\b', ['FAIL'], false],
    ['(?:warning|error) C(\\d{4})', ['warning C[09][09][09][09]', 'error C[09][09][09][09]'], true],
    ['time.*out of memory', ['out of memory'], false],
    ['x+FATAL', ['xFATAL'], false],
    ['(ab:){2,}', ['ab:ab:'], false],
    ['ok|', [], false],
    ['a|b', [], false],
    ['segfault(?! here)', ['segfault'], false],
    ['(?=segfault)x', [], false],
    ['(?:x|segfault)* core', [' core'], false],
    ['\\.ts\\(\\d', ['.ts([09]'], true],
    ['é: ✓✓', [Buffer.from('é: ✓✓').toString('latin1')], true],
    ['😀😀', [Buffer.from('😀😀').toString('latin1')], true],
    ['QQ😀?QQQ', ['QQQ'], false],
    ['[^x]QQQ', ['QQQ'], false],
    ['Q\\xff\\u0041QQ', ['QQ'], false],
    ['(Q)\\1QQ', ['QQ'], false],
    ['(?<n>Q)\\k<n>QQ', ['QQ'], false],
    ['\\k<QQQ', ['<QQQ'], false],
    ['\\k<Q|Z>FATAL', ['<Q', 'Z>FATAL'], false],
    [Array.from('ABCDEFGHI', (letter) => `${letter}XYZ`).join('|'), [], false],
  ])('%s', (source, needle, sure) => {
    const found = patternNeedle(source, false);
    expect(found === null ? [] : shown(found.needle)).toEqual(needle);
    expect(found?.sure ?? false).toBe(sure);
  });

  it('holds both cases where the case does not count', () => {
    expect(shown(patternNeedle('Fail[0-9]', true)?.needle ?? [])).toEqual(['[fF][aA][iI][lL][09]']);
    expect(patternNeedle('École', true)).toEqual({ needle: patternNeedle('cole', true)?.needle, sure: false });
  });
});

test('no line that matches is without it, and what is sure matches', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    'Z',
    '9',
    'é',
    '😀',
    '[ab]',
    '[^a]',
    '[Z9-]',
    '\\d',
    '\\w',
    '\\s',
    '.',
    '\\.',
    '\\b',
    '^',
    '$',
    '\\1',
    '(?=a)',
    '(?<=a)',
    '\\k<a|b>',
    '\\k<n>',
    '[]',
    '[^]',
    '[Z-a]',
    '{',
    '(?i:a)',
    '(?!b)',
  );
  const quantifier = fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{1,2}', '{2,}', '{0}', '+?');
  const { pattern } = fc.letrec<{ pattern: string; sequence: string; item: string }>((tie) => ({
    pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
    sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
    item: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'groups' },
      fc.tuple(atom, quantifier).map(([one, times]) => (/^(?:\\b|\^|\$|\(\?)/.test(one) ? one : one + times)),
      fc.tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern'), quantifier).map(([open, inner, times]) => `${open}${inner})${times}`),
    ),
  }));
  const line = fc
    .array(fc.constantFrom('a', 'b', 'A', 'Z', '9', 'é', '😀', ' ', '-', '.'), { maxLength: 7 })
    .map((characters) => characters.join(''));
  let told = 0;
  fc.assert(
    fc.property(pattern, fc.boolean(), fc.array(line, { minLength: 5, maxLength: 10 }), (source, ignore, lines) => {
      fc.pre(isRegex(source));
      const regex = new RegExp(source, ignore ? 'i' : '');
      const found = patternNeedle(source, ignore);
      if (found === null) return;
      told++;
      for (const each of lines) {
        const data = Buffer.from(each);
        const held = found.needle.some((sequence) =>
          [...data.keys()].some((at) => sequence.every((set, i) => set.includes(data[at + i] ?? -1))),
        );
        expect(plainLine(each)).toBe(each);
        if (regex.test(each)) expect(held, `${source} matches ${each}`).toBe(true);
        else if (found.sure) expect(held, `${source} does not match ${each}`).toBe(false);
      }
    }),
    { numRuns: 5_000 },
  );
  expect(told).toBeGreaterThan(200);
});

function isRegex(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
