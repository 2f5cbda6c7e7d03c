import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOST, PRODUCTION, STAGING, versionOf, type TierSpec } from '../given_line.ts';
import { openScene, writeFiles, type Scene } from './engine_scene.ts';
import { pruneWorkspaces, workspaceOf } from './workspace.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ tiers: [HOST, STAGING, PRODUCTION] });
});
afterEach(() => scene.close());

const SHORTS = ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'];

/** Workspaces and release folders of all of them, and of one that nobody knows. */
async function folders(): Promise<void> {
  for (const version of [...SHORTS.map(versionOf), '0.0.1']) {
    const workspace = workspaceOf(scene.deps, 'hello', version);
    await writeFiles(workspace, { 'dist/app.js': version });
    await scene.deps.releases.store('hello', version, workspace, ['dist']);
  }
}

const inside = async (folder: string): Promise<string[]> => (await readdir(join(scene.folder, folder, 'hello'))).sort();

test('workspaces of the build and of every current and next release stay, the rest goes; release folders stay as long as the state knows them', async () => {
  // a1 runs in production, b2 waits for a confirm in staging, c3 passed host and waits to enter staging, d4 failed to build, e5 is in host, f6 is being built.
  scene.line.toProduction('a1').toConfirm('b2').throughHost('c3');
  scene.line.push('d4').buildEnded({ status: 'failed', classification: { type: 'exit_code', code: 1 } });
  scene.line.push('e5').buildPassed().push('f6');
  await folders();
  await pruneWorkspaces(scene.deps, 'hello');
  expect(await inside('workspaces')).toEqual(['a1', 'b2', 'c3', 'e5', 'f6'].map(versionOf));
  expect(await inside('releases')).toEqual(['a1', 'b2', 'c3', 'e5', 'f6'].map(versionOf));
  expect(scene.reports).toEqual([]);
});

test('an older release that no tier holds keeps its folder, for a rollback, but not its workspace', async () => {
  scene.line.toProduction('a1').toProduction('b2');
  await folders();
  await pruneWorkspaces(scene.deps, 'hello');
  expect(await inside('workspaces')).toEqual([versionOf('b2')]);
  expect(await inside('releases')).toEqual(['a1', 'b2'].map(versionOf));
});

describe('where a rollback may put a release back before a command gate', () => {
  const E2E: NonNullable<TierSpec['gates']> = [{ id: 'e2e', kind: 'command' }];
  const NODE: TierSpec = { id: 'staging', nodes: ['n1'] };
  const GATED: TierSpec = { id: 'production', nodes: ['p1'], auto_promote: false, gates: E2E };

  async function kept(keep_releases: number, ...tiers: readonly TierSpec[]): Promise<string[]> {
    await scene.close();
    scene = await openScene({ tiers: [{ id: 'host' }, ...tiers] });
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [{ ...scene.project, keep_releases }] });
    for (const short of ['a1', 'b2', 'c3', 'd4']) {
      scene.line.push(short).buildPassed().deployOk('staging', 'n1');
      if (tiers[0]?.gates !== undefined) scene.line.gatePassed('staging', 'e2e');
    }
    await folders();
    await pruneWorkspaces(scene.deps, 'hello');
    return inside('workspaces');
  }

  test('its workspace stays, as many as a node keeps releases', async () => {
    expect(await kept(2, NODE, GATED)).toEqual(['b2', 'c3', 'd4'].map(versionOf));
  });

  test('also when that gate is in the same tier', async () => {
    expect(await kept(1, { ...NODE, gates: E2E })).toEqual(['c3', 'd4'].map(versionOf));
  });

  test('and goes where only earlier tiers have one', async () => {
    expect(await kept(5, NODE)).toEqual([versionOf('d4')]);
  });
});

test('before the first build there is nothing to remove and nothing to report; an unknown project has nothing', async () => {
  await pruneWorkspaces(scene.deps, 'hello');
  await pruneWorkspaces(scene.deps, 'another');
  expect(scene.reports).toEqual([]);
});

test('a folder that cannot be read is reported and left', async () => {
  scene.line.push('a1');
  await mkdir(join(scene.folder, 'workspaces'));
  await writeFiles(join(scene.folder, 'workspaces'), { hello: 'a file' });
  await pruneWorkspaces(scene.deps, 'hello');
  expect(scene.reports).toEqual([expect.stringContaining('old workspaces of hello could not be removed')]);
});
