import { expect, test } from 'vitest';
import { counted, listed, shortNames, splitVersion } from './version.ts';

test('a version is what it declares and what it was built from', () => {
  expect(splitVersion('1.4.0+g3f2a91c')).toEqual({ core: '1.4.0', build: '+g3f2a91c' });
  expect(splitVersion('1.4.0-rc.1')).toEqual({ core: '1.4.0-rc.1', build: '' });
});

test('short where that names one release, whole where it would name two', () => {
  const short = shortNames(['1.4.0+g1111111', '1.4.1+g2222222', '1.4.1+g3333333']);
  expect(short('1.4.0+g1111111')).toBe('1.4.0');
  expect(short('1.4.1+g2222222')).toBe('1.4.1+g2222222');
});

test('a version the project does not know may share a name with one it knows', () => {
  expect(shortNames(['1.4.0+g1111111'])('1.4.0+g9999999')).toBe('1.4.0+g9999999');
  expect(shortNames([])('1.4.0+g9999999')).toBe('1.4.0');
});

test('lists and counts', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed(['a'])).toBe('a');
  expect(counted(1, 'commit')).toBe('1 commit');
  expect(counted(1204, 'event')).toBe('1,204 events');
});
