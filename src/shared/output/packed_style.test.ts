import { expect, test } from 'vitest';
import { PLAIN, RGB, styleAfter } from './ansi.ts';
import { packStyle, PLAIN_PACKED, unpackStyle } from './packed_style.ts';

test.each(['', '1;31', '2;3;4;7;9;38;5;200', '48;2;1;2;3', '30;107', '38;2;0;0;0'])('%j comes back as it was', (codes) => {
  const style = styleAfter(`\u001b[${codes}m`, PLAIN);
  expect(unpackStyle(packStyle(style))).toEqual(style);
});

test('plain is known without being asked', () => {
  expect(packStyle(PLAIN)).toEqual(PLAIN_PACKED);
  expect(unpackStyle(PLAIN_PACKED)).toBe(PLAIN);
});

test('24-bit black is not the palette', () => expect(packStyle({ ...PLAIN, fg: RGB })).toEqual([RGB, -1, 0]));
