import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findConfig } from './find.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-find-')));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('looks upward from the working folder', () => {
  writeFileSync(join(folder, 'signalbox.yaml'), '');
  expect(findConfig({ env: {}, cwd: join(folder, 'a/b') })).toBe(join(folder, 'signalbox.yaml'));
  writeFileSync(join(folder, 'a/signalbox.yaml'), '');
  expect(findConfig({ env: {}, cwd: join(folder, 'a/b') })).toBe(join(folder, 'a/signalbox.yaml'));
});
it('finds nothing where nothing is', () => expect(findConfig({ env: {}, cwd: join(folder, 'a/b') })).toBeNull());
it('prefers the flag to the environment to the folder', () => {
  writeFileSync(join(folder, 'signalbox.yaml'), '');
  const env = { SIGNALBOX_CONFIG: 'env.yaml' };
  expect(findConfig({ env, cwd: folder })).toBe(join(folder, 'env.yaml'));
  expect(findConfig({ flag: 'flag.yaml', env, cwd: folder })).toBe(join(folder, 'flag.yaml'));
});
