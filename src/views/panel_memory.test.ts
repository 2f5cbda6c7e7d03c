import { expect, test } from 'vitest';
import { rememberedCounts } from './panel_memory.ts';

test('two releases are compared once, and again after a failure', async () => {
  const asked: string[] = [];
  let broken = true;
  const count = rememberedCounts(async (project, from, to) => {
    asked.push(`${project} ${from} ${to}`);
    if (broken) throw new Error('no answer');
    return { total: 3, commits: [] };
  });
  await expect(count('hello', '1', '2')).rejects.toThrow('no answer');
  broken = false;
  expect(await count('hello', '1', '2')).toBe(3);
  expect(await count('hello', '1', '2')).toBe(3);
  expect(asked).toEqual(['hello 1 2', 'hello 1 2']);
});

test('what is remembered is bounded', async () => {
  let asked = 0;
  const count = rememberedCounts(async () => ({ total: ++asked, commits: [] }));
  for (let n = 0; n < 101; n++) await count('hello', String(n), 'x');
  expect(await count('hello', '0', 'x')).toBe(102);
  expect(await count('hello', '100', 'x')).toBe(101);
});
