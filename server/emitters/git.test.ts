import { chmod, mkdir, readFile, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openRepository } from './git.ts';
import { GitError } from './git_port.ts';
import type { Repository } from './git_port.ts';
import { GitScene } from './scene.ts';

const NOBODY = '0123456789012345678901234567890123456789';
let scene: GitScene;
let repository: Repository;

beforeEach(async () => {
  scene = await GitScene.open();
  repository = openRepository(scene.bare);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scene.end();
});

describe('head', () => {
  test('is null before the first push, then the newest commit of that branch only', async () => {
    expect(await repository.head('main')).toBeNull();
    const sha = await scene.pushed('first');
    await scene.git(['checkout', '--quiet', '-b', 'feature/x-1']);
    const other = await scene.commit('second');
    await scene.push(['--quiet', 'feature/x-1']);
    expect(await repository.head('main')).toBe(sha);
    expect(await repository.head('feature/x-1')).toBe(other);
    expect(await repository.head('release')).toBeNull();
  });

  test('a repository is empty until a branch is pushed, whichever; a tag is none', async () => {
    expect(await repository.isEmpty()).toBe(true);
    await scene.commit('first');
    await scene.git(['tag', 'v1']);
    await scene.push(['--quiet', 'v1']);
    expect(await repository.isEmpty()).toBe(true);
    await scene.push(['--quiet', 'HEAD:other']);
    expect(await repository.isEmpty()).toBe(false);
  });

  test('does not take a tag or a name with meaning for git for the branch', async () => {
    await scene.pushed('first');
    await scene.git(['tag', 'release']);
    await scene.push(['--quiet', '--tags']);
    expect(await repository.head('release')).toBeNull();
    for (const branch of ['--all', 'main@{1}', 'main..main', 'main^', '', 'a b', 'main.lock', 'a//b'])
      await expect(repository.head(branch)).rejects.toThrow(GitError);
  });

  test('reads a repository with working files as well', async () => {
    const sha = await scene.commit('first');
    expect(await openRepository(scene.work).head('main')).toBe(sha);
  });

  test('is not misled by what git variables the server was started with', async () => {
    const sha = await scene.pushed('first');
    vi.stubEnv('GIT_DIR', '/nowhere');
    vi.stubEnv('GIT_INDEX_FILE', '/nowhere/index');
    expect(await repository.head('main')).toBe(sha);
  });
});

describe('an unusable repository is named, with the way out', () => {
  test('missing', async () => {
    const gone = join(scene.folder, 'gone.git');
    await expect(openRepository(gone).head('main')).rejects.toThrow(
      new GitError(`There is no repository at ${gone}; make it with “git init --bare ${gone}”, or correct “repo” in signalbox.yaml.`),
    );
  });

  test('no repository, also inside another one', async () => {
    const inside = join(scene.work, 'docs');
    await mkdir(inside);
    await expect(openRepository(inside).head('main')).rejects.toThrow(`${inside} is not a git repository; make it one with`);
  });

  test('an address without a folder for its copy', async () => {
    for (const address of ['https://ana:secret@example.org/a.git', 'git@example.org:a.git']) {
      await expect(openRepository(address).head('main')).rejects.toThrow(/is an address, and there is no folder to keep a copy of it/);
    }
    await expect(openRepository('https://ana:secret@example.org/a.git').head('main')).rejects.not.toThrow(/secret/);
  });

  test('git is not installed', async () => {
    vi.stubEnv('PATH', scene.folder);
    await expect(repository.head('main')).rejects.toThrow('git is not installed, or not on the PATH of the server.');
  });
});

describe('describe', () => {
  test('tells subject, author and the declared version', async () => {
    const sha = await scene.pushed('Say “hello”\n\nIn full.', { 'package.json': '{"version":"1.4.0"}', VERSION: '9.9.9' });
    expect(await repository.describe(sha)).toEqual({ sha, subject: 'Say “hello”', author: 'Ana Ruiz', declared: '1.4.0' });
  });

  test('reads VERSION when package.json says nothing, and null when neither does', async () => {
    const plain = await scene.pushed('none');
    const broken = await scene.pushed('broken', { 'package.json': '{"version":' });
    const file = await scene.pushed('file', { VERSION: '2.0.0\n', 'package.json': '{"version":2}' });
    const declared = async (sha: string) => (await repository.describe(sha))?.declared;
    expect([await declared(plain), await declared(broken), await declared(file)]).toEqual([null, null, '2.0.0']);
  });

  test('is null for a commit that is not there, or is no commit', async () => {
    const sha = await scene.pushed('first');
    const tree = await scene.git(['rev-parse', `${sha}^{tree}`]);
    expect(await repository.describe(NOBODY)).toBeNull();
    expect(await repository.describe(tree)).toBeNull();
    for (const name of ['main', 'HEAD', '--all', sha.slice(0, 7)])
      await expect(repository.describe(name)).rejects.toThrow('is not the full name of a commit');
  });
});

describe('checkout', () => {
  test('writes files, modes and links of that commit, and no .git', async () => {
    await mkdir(join(scene.work, 'bin'));
    await writeFile(join(scene.work, 'bin', 'run'), '#!/bin/sh\n');
    await chmod(join(scene.work, 'bin', 'run'), 0o755);
    await symlink('bin/run', join(scene.work, 'start'));
    // Files that an archive would leave out: often just the tests.
    const sha = await scene.pushed('first', { '.gitattributes': 'test export-ignore\n', 'test/a.js': 'old' });
    await scene.pushed('second', { 'test/a.js': 'new', 'later.txt': '' });

    const folder = join(scene.folder, 'builds', 'one');
    await repository.checkout(sha, folder);
    expect((await readdir(folder)).sort()).toEqual(['.gitattributes', 'bin', 'start', 'test']);
    expect(await readFile(join(folder, 'test', 'a.js'), 'utf8')).toBe('old');
    expect((await stat(join(folder, 'bin', 'run'))).mode & 0o111).toBe(0o111);
    expect(await readlink(join(folder, 'start'))).toBe('bin/run');
    expect(await readdir(join(scene.folder, 'builds'))).toEqual(['one']);
  });

  test('two at once do not meet, and neither touches the repository', async () => {
    const files = (text: string) => Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`file-${n}.txt`, `${text} ${n}`]));
    const shas = [await scene.pushed('a', files('a')), await scene.pushed('b', files('b'))];
    const before = await readdir(scene.bare);
    await Promise.all(shas.map((sha) => repository.checkout(sha, join(scene.folder, sha))));
    const read = (sha: string) => readFile(join(scene.folder, sha, 'file-199.txt'), 'utf8');
    expect(await Promise.all(shas.map(read))).toEqual(['a 199', 'b 199']);
    expect(await readdir(scene.bare)).toEqual(before);
  });

  test('runs no hook and leaves the index of a repository with working files alone', async () => {
    const first = await scene.commit('first', { 'a.txt': '1' });
    await scene.commit('second', { 'a.txt': '2' });
    for (const hook of ['post-checkout', 'post-index-change']) {
      const file = join(scene.work, '.git', 'hooks', hook);
      await mkdir(join(scene.work, '.git', 'hooks'), { recursive: true });
      await writeFile(file, `#!/bin/sh\ntouch "${join(scene.folder, 'ran')}"\n`);
      await chmod(file, 0o755);
    }
    await openRepository(scene.work).checkout(first, join(scene.folder, 'out'));
    expect(await readdir(scene.folder)).not.toContain('ran');
    expect(await scene.git(['status', '--porcelain'])).toBe('');
    expect(await readFile(join(scene.work, 'a.txt'), 'utf8')).toBe('2');
  });

  test('refuses a folder that has something in it, and a commit that is not there', async () => {
    const sha = await scene.pushed('first');
    await expect(repository.checkout(sha, scene.work)).rejects.toThrow('is not empty');
    await expect(repository.checkout(NOBODY, join(scene.folder, 'out'))).rejects.toThrow(`has no commit ${NOBODY}`);
  });

  test('ends when it is aborted', async () => {
    const sha = await scene.pushed('first', { '.gitattributes': '*.slow filter=slow\n', 'a.slow': 'x' });
    await scene.git(['config', 'filter.slow.smudge', `touch ${join(scene.folder, 'smudging')}; sleep 60; cat`], scene.bare);
    const stop = new AbortController();
    const out = repository.checkout(sha, join(scene.folder, 'out'), stop.signal);
    await expect.poll(() => readdir(scene.folder)).toContain('smudging');
    stop.abort();
    await expect(out).rejects.toBe(stop.signal.reason);
    expect((await readdir(scene.folder)).filter((name) => name.startsWith('.index'))).toEqual([]);
  });
});

test('compare lists what the second has more, newest first, and counts all of it', async () => {
  const from = await scene.pushed('one');
  for (const subject of ['two', 'three', 'four']) await scene.pushed(subject);
  const to = await scene.git(['rev-parse', 'HEAD']);
  const { total, commits } = await repository.compare(from, to, 2);
  expect(total).toBe(3);
  expect(commits.map((commit) => commit.subject)).toEqual(['four', 'three']);
  expect(commits[0]).toMatchObject({ sha: to, author: 'Ana Ruiz' });
  expect(commits[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(await repository.compare(to, from, 10)).toEqual({ total: 0, commits: [] });
  expect(await repository.compare(from, to, 0)).toEqual({ total: 3, commits: [] });
  await expect(repository.compare(NOBODY, to, 2)).rejects.toThrow(GitError);
  await expect(repository.compare('--output=x', to, 2)).rejects.toThrow('is not the full name of a commit');
});

describe('a repository at an address', () => {
  test('is copied to the mirror, and brought up to date at each question for the head', async () => {
    const first = await scene.pushed('one');
    const mirror = join(scene.folder, 'mirrors', 'hello');
    const remote = openRepository(`file://${scene.bare}`, { mirror });
    expect(await remote.head('main')).toBe(first);
    const second = await scene.pushed('two');
    expect(await remote.describe(second)).toMatchObject({ subject: 'two' });
    expect(await Promise.all([remote.head('main'), remote.head('main')])).toEqual([second, second]);
    await scene.git(['reset', '--quiet', '--hard', first]);
    await scene.push(['--quiet', '--force', 'main']);
    expect(await remote.head('main')).toBe(first);
  });

  test('is copied by one question at a time', async () => {
    const sha = await scene.pushed('one');
    for (let n = 0; n < 40; n++) await scene.git(['update-ref', `refs/heads/branch-${n}`, sha], scene.bare);
    const remote = openRepository(`file://${scene.bare}`, { mirror: join(scene.folder, 'mirror') });
    const heads = await Promise.all(Array.from({ length: 6 }, (_, n) => remote.head(`branch-${n}`)));
    expect(heads).toEqual(Array.from({ length: 6 }, () => sha));
  });

  test('that cannot be reached says so, without the password', async () => {
    const remote = openRepository('http://ana:secret@127.0.0.1:1/hello.git', { mirror: join(scene.folder, 'mirror') });
    await expect(remote.head('main')).rejects.toThrow(/^http:\/\/127\.0\.0\.1:1\/hello\.git could not be fetched: /);
    await expect(remote.head('main')).rejects.not.toThrow(/secret/);
  });

  test('never runs a program that the address names', async () => {
    const remote = openRepository(`ext::sh -c touch% ${join(scene.folder, 'ran')}`, { mirror: join(scene.folder, 'mirror') });
    await expect(remote.head('main')).rejects.toThrow(GitError);
    expect(await readdir(scene.folder)).not.toContain('ran');
  });
});
