import { expect, it } from 'vitest';
import { parseSize } from './byte_size.ts';

it.each([
  ['20GB', 20e9],
  ['20 GB', 20e9],
  ['1.5TB', 1.5e12],
  ['512MiB', 512 * 2 ** 20],
  ['7B', 7],
  ['0B', 0],
  ['1kB', 1000],
])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

it.each(['', '20', 'GB', '20gb', '-1GB', '1e3MB', '20  GB', '1,5GB', '999999999TB'])('%j is not a size', (text) =>
  expect(parseSize(text)).toBeNull(),
);
