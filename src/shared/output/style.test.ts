import { expect, test } from 'vitest';
import { changed, FOREGROUND, one, PLAIN, RGB } from './style.ts';

const red = (): typeof PLAIN => changed(PLAIN, 31);

test('equal styles are one object', () => {
  expect(changed(changed(red(), 1), 22)).toBe(red());
  expect(changed(red(), 0)).toBe(PLAIN);
  expect(changed(red(), 39)).toBe(PLAIN);
  expect(one({ ...red() })).toBe(red());
  expect(changed({ ...PLAIN }, 31)).toBe(red());
});

test('a colour for every character is forgotten again', () => {
  const before = changed(PLAIN, FOREGROUND + RGB + 1);
  for (let color = 2; color < 20_000; color++) changed(PLAIN, FOREGROUND + RGB + color);
  const after = changed(PLAIN, FOREGROUND + RGB + 1);
  expect(after).toEqual(before);
  expect(after).not.toBe(before);
});

test('so is one after another, none put back', () => {
  const before = red();
  let style = before;
  for (let color = 0; color < 20_000; color++) style = changed(style, FOREGROUND + RGB + color);
  expect(red()).not.toBe(before);
  expect(red()).toEqual(before);
});
