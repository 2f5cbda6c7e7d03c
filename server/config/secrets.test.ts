import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveSecrets } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inFile = (content: string): string => {
  const file = join(folder, 'secret');
  writeFileSync(file, content);
  return file;
};

it('takes values from the environment and from files', () => {
  expect(resolveSecrets(['A', 'B'], { A: 'one ', B_FILE: inFile('two\n') })).toEqual({ A: 'one ', B: 'two' });
});
it('takes one newline off a file and nothing else', () => {
  expect(resolveSecrets(['B'], { B_FILE: inFile(' two\n\n') })).toEqual({ B: ' two\n' });
});
it('refuses one that is missing', () => expect(() => resolveSecrets(['A'], {})).toThrow('the secret `A` is not set; set A, or A_FILE'));
it('refuses one that is empty', () => {
  expect(() => resolveSecrets(['A'], { A: '' })).toThrow('the secret `A` is empty');
  expect(() => resolveSecrets(['A'], { A_FILE: inFile('\n') })).toThrow('the secret `A` is empty');
});
it('refuses one that is given twice', () => expect(() => resolveSecrets(['A'], { A: 'x', A_FILE: inFile('y') })).toThrow('is given twice'));
it('refuses an unreadable file', () =>
  expect(() => resolveSecrets(['A'], { A_FILE: join(folder, 'no') })).toThrow(/`A` cannot be read from .*ENOENT/));
it('never tells a value', () => {
  expect(() => resolveSecrets(['A', 'B'], { A: 'hunter2' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
  );
});
