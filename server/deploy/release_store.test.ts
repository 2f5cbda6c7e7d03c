import { appendFile, chmod, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArtifactError } from './port.ts';
import type { ReleaseStore } from './port.ts';
import { openReleaseStore } from './release_store.ts';

const VERSION = '1.0.0+g3f2a91c';
let folder: string;
let workspace: string;
let store: ReleaseStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-store-'));
  workspace = join(folder, 'workspace');
  await mkdir(join(workspace, 'dist', 'pages'), { recursive: true });
  await writeFile(join(workspace, 'dist', 'server.js'), 'serve()');
  await writeFile(join(workspace, 'dist', 'pages', 'index.html'), '<p>hello</p>');
  await writeFile(join(workspace, 'package.json'), '{}');
  store = openReleaseStore({ folder: join(folder, 'releases'), report: () => undefined });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const storing = (artifacts: string[], version = VERSION): Promise<void> => store.store('hello', version, workspace, artifacts);
const hidden = async (): Promise<string[]> =>
  (await readdir(join(folder, 'releases', 'hello')).catch(() => [])).filter((name) => name.startsWith('.'));

describe('a stored release', () => {
  test('holds exactly the listed artifacts, with their modes and links', async () => {
    await chmod(join(workspace, 'dist', 'server.js'), 0o755);
    await symlink('pages/index.html', join(workspace, 'dist', 'start.html'));
    await writeFile(join(workspace, 'secret.txt'), 'no artifact');
    await storing(['dist/', 'package.json']);

    expect(await store.has('hello', VERSION)).toBe(true);
    const release = store.path('hello', VERSION);
    expect((await readdir(release)).sort()).toEqual(['dist', 'package.json']);
    expect(await readFile(join(release, 'dist', 'start.html'), 'utf8')).toBe('<p>hello</p>');
    expect(await readlink(join(release, 'dist', 'start.html'))).toBe('pages/index.html');
    expect((await stat(join(release, 'dist', 'server.js'))).mode & 0o777).toBe(0o555);
    expect(await hidden()).toEqual([]);
  });

  test('is never changed: a second store is refused and leaves the first', async () => {
    await storing(['dist']);
    await writeFile(join(workspace, 'dist', 'server.js'), 'other');
    await expect(storing(['dist'])).rejects.toThrow(`Release ${VERSION} of hello is stored already`);
    expect(await readFile(join(store.path('hello', VERSION), 'dist', 'server.js'), 'utf8')).toBe('serve()');
  });

  test('may be the whole workspace', async () => {
    await storing(['.', 'dist']);
    expect((await readdir(store.path('hello', VERSION))).sort()).toEqual(['dist', 'package.json']);
  });

  test('does not exist when its artifacts could not all be gathered', async () => {
    await expect(storing(['dist', 'reports'])).rejects.toThrow(new ArtifactError('The build made no reports, which its artifacts list.'));
    expect(await store.has('hello', VERSION)).toBe(false);
    expect(await hidden()).toEqual([]);
  });
});

describe('refused artifacts', () => {
  test.each(['../workspace/dist', 'dist/../../secret', '/etc/passwd', '..', '', 'dist/..', 'a\0b'])(
    'a path that is not inside the workspace: %j',
    async (artifact) => {
      await expect(storing([artifact])).rejects.toBeInstanceOf(ArtifactError);
      expect(await store.has('hello', VERSION)).toBe(false);
    },
  );

  test('none at all', async () => {
    await expect(storing([])).rejects.toBeInstanceOf(ArtifactError);
  });

  test.each([
    ['out of the workspace', '/etc/passwd'],
    ['up and out', '../../outside.txt'],
    ['to another release', '../../0.9.0/package.json'],
    ['to a file that is no artifact', '../package.json'],
    ['to nothing', 'gone'],
    ['in a circle', 'leak'],
  ])('a link that leads %s', async (_how, target) => {
    await writeFile(join(folder, 'outside.txt'), 'outside');
    await storing(['package.json'], '0.9.0');
    await symlink(target, join(workspace, 'dist', 'leak'));
    await expect(storing(['dist'])).rejects.toThrow(`The artifact dist/leak is a link to ${target}, which is not among the artifacts.`);
    expect(await store.has('hello', VERSION)).toBe(false);
  });

  test('a link by an absolute path, even into the workspace', async () => {
    await symlink(join(workspace, 'dist', 'server.js'), join(workspace, 'dist', 'leak'));
    await expect(storing(['dist'])).rejects.toBeInstanceOf(ArtifactError);
  });

  test('behind a folder that is a link out', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await writeFile(join(folder, 'elsewhere', 'key'), 'outside');
    await symlink('../elsewhere', join(workspace, 'out'));
    await expect(storing(['out/key'])).rejects.toThrow('behind a link that leads out of the workspace');
  });

  test('a pipe', async () => {
    execFileSync('mkfifo', [join(workspace, 'dist', 'pipe')]);
    await expect(storing(['dist'])).rejects.toThrow('The artifact pipe is a socket, pipe or device');
  });
});

test('names that are no project or version never become a path', () => {
  expect(() => store.path('../hello', VERSION)).toThrow();
  expect(() => store.path('hello', '../../etc')).toThrow();
});

describe('prune', () => {
  test('removes all but the named versions, and what an earlier life left half done', async () => {
    for (const version of ['1.0.0', '1.0.1', '1.0.2']) await storing(['dist'], version);
    await mkdir(join(folder, 'releases', 'hello', '.partial-earlier'));
    await store.prune('hello', new Set(['1.0.1']));
    expect(await readdir(join(folder, 'releases', 'hello'))).toEqual(['1.0.1']);
    expect(await store.has('hello', '1.0.0')).toBe(false);
  });

  test('spares a release that is being stored', async () => {
    const storage = { ended: false };
    const going = storing(['dist']).finally(() => (storage.ended = true));
    while (!storage.ended) await store.prune('hello', new Set([VERSION]));
    await going;
    expect(await store.has('hello', VERSION)).toBe(true);
  });

  test('of a project without releases does nothing', async () => {
    await expect(store.prune('other', new Set())).resolves.toBeUndefined();
  });
});

describe('a claim', () => {
  test('is for good: the owner may come again, nobody else, also when the folder and the server are gone', async () => {
    expect(await store.claim('hello', VERSION, 7)).toBe(true);
    await storing(['dist']);
    await store.prune('hello', new Set());
    const later = openReleaseStore({ folder: join(folder, 'releases'), report: () => undefined });
    expect(await later.has('hello', VERSION)).toBe(false);
    expect(await later.claim('hello', VERSION, 8)).toBe(false);
    expect(await later.claim('hello', VERSION, 7)).toBe(true);
    expect(await later.claim('hello', `${VERSION}.2`, 8)).toBe(true);
    expect(await later.claimed('hello')).toEqual(new Set([VERSION, `${VERSION}.2`]));
  });

  test('of a version whose folder was stored before there were claims is refused', async () => {
    await storing(['dist']);
    expect(await store.claim('hello', VERSION, 7)).toBe(false);
    expect(await store.claimed('hello')).toEqual(new Set([VERSION]));
  });

  test('that a crash cut short claims for nobody, and does not spoil the next', async () => {
    await store.claim('hello', '1.0.0', 1);
    await appendFile(join(folder, 'releases', 'hello', '.versions'), '\n1.0.1 ');
    expect(await store.claim('hello', '1.0.1', 2)).toBe(false);
    expect(await store.claim('hello', '1.0.2', 3)).toBe(true);
    expect(await store.claim('hello', '1.0.2', 3)).toBe(true);
    expect(await store.claim('hello', '1.0.0', 1)).toBe(true);
  });
});

test('what an attempt stored and nobody recorded can be discarded, and stored anew', async () => {
  await storing(['dist']);
  await store.discard('hello', VERSION);
  expect(await store.has('hello', VERSION)).toBe(false);
  await storing(['dist']);
  await store.discard('hello', '9.9.9');
  expect(await store.has('hello', VERSION)).toBe(true);
});
