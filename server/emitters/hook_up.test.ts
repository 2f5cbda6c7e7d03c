import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import { hookUp } from './hook_up.ts';
import { GitScene } from './scene.ts';

const hello = { id: ProjectId.parse('hello'), branch: 'main' };
const docs = { id: ProjectId.parse('docs'), branch: 'pages' };

test('an address has no hook of ours, and that is no trouble', async () => {
  const reports: string[] = [];
  await hookUp([{ ...hello, repo: 'https://example.org/hello.git' }], 'http://127.0.0.1:1', (message) => reports.push(message));
  expect(reports).toEqual([]);
});

test('a hook that cannot be written is reported and stops nothing', async () => {
  const reports: string[] = [];
  const scene = await GitScene.open();
  const gone = { ...hello, repo: '/nowhere/hello.git' };
  await hookUp([gone, { ...docs, repo: scene.bare }], 'http://127.0.0.1:1', (message) => reports.push(message));
  expect(reports).toEqual(['Pushes to hello are noticed within a minute, not at once: the hook could not be written.']);
  expect(await hookOf(scene)).toContain('"docs"');
  await scene.end();
});

test('the hook of a repository knows all projects that are built from it, however they name it', async () => {
  const scene = await GitScene.open();
  const link = join(scene.folder, 'link.git');
  await symlink(scene.bare, link);
  const projects = [
    { ...hello, repo: scene.bare },
    { ...docs, repo: link },
  ];
  await hookUp(projects, 'http://127.0.0.1:1', (message) => expect.fail(message));
  const both = [
    { project: 'hello', ref: 'refs/heads/main' },
    { project: 'docs', ref: 'refs/heads/pages' },
  ];
  expect(await hookOf(scene)).toContain(JSON.stringify(both));
  await hookUp(projects.slice(0, 1), 'http://127.0.0.1:1', (message) => expect.fail(message));
  expect(await hookOf(scene)).not.toContain('docs');
  await scene.end();
});

const hookOf = (scene: GitScene): Promise<string> => readFile(join(scene.bare, 'hooks', 'signalbox-post-receive.mjs'), 'utf8');
