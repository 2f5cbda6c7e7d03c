import { describe, expect, test } from 'vitest';
import { PLAIN, styleAfter } from './ansi.ts';
import { plainLine, standing, standingLine } from './standing.ts';

const E = '\u001b';

describe('what is left standing', () => {
  test.each([
    ['', ''],
    ['abc', 'abc'],
    ['10%\r20%\r30%', '30%'],
    ['\rx', 'x'],
    ['abc\r', 'abc'],
    ['abc\r\r', 'abc'],
    ['\r', ''],
    ['10%\r20%\r', '20%'],
    ['a longer state\rshort', 'short'],
    [`100%\r${E}[K`, `${E}[K`],
    [`one${E}[Gtwo`, 'two'],
    [`one${E}[1Gtwo${E}[0Gthree`, 'three'],
    [`${E}[2K${E}[1Gone${E}[2K${E}[1Gtwo`, 'two'],
    [`one\rtwo${E}[1G\r`, 'two'],
    [`one${E}[1G${E}[G`, 'one'],
    [`${E}[1G`, ''],
    [`one${E}[11Gtwo${E}[2Gthree`, `one${E}[11Gtwo${E}[2Gthree`],
    ['G [1G 1G', 'G [1G 1G'],
    [`${E}]0;title${E}[1Gtwo`, 'two'],
  ])('of %j is %j', (raw, expected) => expect(standing(raw)).toBe(expected));

  test('is in the style of all that came before it', () => {
    const green = styleAfter(`${E}[32m`, PLAIN);
    expect(standingLine(`${E}[1mbold\rover`, green)).toEqual({ raw: 'over', start: styleAfter(`${E}[1m`, green) });
    expect(standingLine('as it was\r', green)).toEqual({ raw: 'as it was', start: green });
  });
});

test.each([
  [`${E}[31m10%\r${E}[2K${E}[32m20%${E}[0m\r`, '20%'],
  ['bell\u0007\ttab', 'bell\ttab'],
  [`${E}]8;;https://example.org${E}\\link${E}]8;;${E}\\`, 'link'],
  [`${E}]0;a title that a \rstarted over`, 'started over'],
])('the plain line of %j is %j', (raw, expected) => expect(plainLine(raw)).toBe(expected));
