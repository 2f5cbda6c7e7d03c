import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyReleases } from './copy_releases.ts';
import { openReleaseStore } from './release_store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-copy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('versions that were given away stay so in the copy, those of forgotten releases too', async () => {
  const [from, to] = [join(folder, 'releases'), join(folder, 'copy')];
  const report = (): void => undefined;
  const store = openReleaseStore({ folder: from, report });
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  await writeFile(join(workspace, 'app'), 'app');
  for (const version of ['1.0.0', '1.1.0']) {
    await store.claim('hello', version, 1);
    await store.store('hello', version, workspace, ['app']);
  }
  await store.prune('hello', new Set(['1.1.0']));
  await copyReleases(from, to, {
    async copy(source, target) {
      if (!existsSync(source)) return false;
      await mkdir(dirname(target), { recursive: true });
      await cp(source, target, { recursive: true });
      return true;
    },
    drop: (target) => rm(target, { recursive: true, force: true }),
  });
  const copied = openReleaseStore({ folder: to, report });
  expect(await copied.claim('hello', '1.0.0', 2)).toBe(false);
  expect(await copied.claimed('hello')).toEqual(new Set(['1.0.0', '1.1.0']));
  expect(await copied.has('hello', '1.1.0')).toBe(true);
});
