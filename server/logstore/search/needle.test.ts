import { expect, it } from 'vitest';
import { coreOf, type Needle } from './needle.ts';

const text = (...texts: string[]): Needle => texts.map((one) => [...Buffer.from(one)].map((byte) => [byte]));

it.each<[string[], string]>([
  [['error TS'], 'S'],
  [['AssertionError'], 'A'],
  [['segmentation fault'], 'gm'],
  [['e'], 'e'],
  [['ee'], 'ee'],
  [['xQy', 'zQ'], 'Q'],
])('%j is found by %s: the rarest of what is the same place in each', (texts, core) => {
  const { from, places } = coreOf(text(...texts), 3);
  expect(texts[0]?.slice(from, from + places)).toBe(core);
});
