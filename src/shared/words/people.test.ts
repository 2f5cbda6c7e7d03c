import { expect, test } from 'vitest';
import { byline, byWhom, displayName, isUnverified, nameOf } from './people.ts';

test('a person has a name, the viewer is You, the pipeline has none', () => {
  expect(nameOf('local:Ana')).toBe('Ana');
  expect(nameOf('user:ana:lee')).toBe('ana:lee');
  expect(displayName('local:Ana', 'local:Ana')).toBe('You');
  expect(displayName('local:Ana', 'local:Ben')).toBe('Ana');
  expect(byline('local:Ana', null)).toBe(', Ana');
  expect(byline('system:pipeline', null)).toBe('');
  expect(byWhom('local:Ana', 'local:Ana')).toBe(' by you');
});

test('a name that was only typed in is unverified', () => {
  expect(isUnverified('local:Ana')).toBe(true);
  expect(isUnverified('user:ana')).toBe(false);
});
