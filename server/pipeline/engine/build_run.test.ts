import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { GitError } from '../../emitters/git_port.ts';
import { shaOf, versionOf } from '../given_line.ts';
import type { Fact } from '../intent.ts';
import { buildRun } from './build_run.ts';
import { openScene, writeFiles, type Scene, type SceneParts } from './engine_scene.ts';
import { workspaceOf } from './workspace.ts';

let scene: Scene;
afterEach(() => scene.close());

async function pushed(run: string, parts: Partial<SceneParts> = {}): Promise<void> {
  scene = await openScene({ tiers: [{ id: 'host' }], files: { 'src.txt': 'source' }, build: { run, artifacts: ['dist'] }, ...parts });
  scene.line.push('a1');
}

const workspace = (): string => workspaceOf(scene.deps, 'hello', versionOf('a1'));

async function built(signal: AbortSignal = new AbortController().signal): Promise<Extract<Fact, { fact: 'build_ended' }>> {
  const facts = await buildRun(scene.owed('build'), scene.deps, signal);
  const [fact] = facts;
  if (facts.length !== 1 || fact?.fact !== 'build_ended') throw new Error('a build has one end');
  return fact;
}

test('a build checks out, runs with the release as variables, and keeps the artifacts as a release folder', async () => {
  await pushed('mkdir dist; cat src.txt > dist/out; printf %s " $PROJECT $VERSION $SHA" >> dist/out');
  const { run_id } = scene.owed('build');
  expect(await built()).toMatchObject({
    run_id,
    project: 'hello',
    outcome: { status: 'passed' },
    log: { bytes: expect.any(Number) as number, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
  expect(await readFile(join(scene.deps.releases.path('hello', versionOf('a1')), 'dist/out'), 'utf8')).toBe(
    `source hello ${versionOf('a1')} ${shaOf('a1')}`,
  );
  expect(existsSync(workspace())).toBe(true);
  expect(await scene.logOf(run_id)).toContain(`Release ${versionOf('a1')} stored`);
});

test('a wall clock that is set back meanwhile makes no build shorter than it was', async () => {
  let now_ms = Date.parse('2026-11-14T02:00:00.000Z');
  const now = (): number => (now_ms -= 3_600_000);
  await pushed('mkdir dist', { deps: { clock: { ...systemClock, now } } });
  const { elapsed_s } = await built();
  expect(elapsed_s).toBeGreaterThan(0);
  expect(elapsed_s).toBeLessThan(600);
});

test('a script that fails is a failed build, and no release', async () => {
  await pushed('mkdir dist; echo "Error: does not compile"; exit 2');
  expect(await built()).toMatchObject({
    outcome: { status: 'failed', classification: { type: 'exit_code', code: 2 }, excerpt: ['Error: does not compile'] },
  });
  expect(await scene.deps.releases.has('hello', versionOf('a1'))).toBe(false);
});

test('an artifact that was not made fails the build, names it, and is said in the log', async () => {
  await pushed('true');
  const ended = await built();
  expect(ended).toMatchObject({
    outcome: {
      status: 'failed',
      classification: { type: 'artifact', message: expect.stringContaining('dist') as string, suspect: 'commit' },
    },
    log: { bytes: expect.any(Number) as number },
  });
  expect(await scene.logOf(ended.run_id)).toContain('dist');
  expect(await scene.deps.releases.has('hello', versionOf('a1'))).toBe(false);
});

test('what an earlier attempt left in the workspace is not built on', async () => {
  await pushed('test ! -e stale; mkdir dist');
  await writeFiles(workspace(), { stale: '' });
  expect(await built()).toMatchObject({ outcome: { status: 'passed' } });
});

test('a superseded build ends its processes and removes its workspace', async () => {
  await pushed('touch begun; echo "self=$$"; exec sleep 600');
  const stop = new AbortController();
  const { run_id } = scene.owed('build');
  const ended = built(stop.signal);
  await vi.waitFor(() => expect(existsSync(join(workspace(), 'begun'))).toBe(true), { timeout: 10_000 });
  stop.abort(new Error('no longer owed'));
  await ended;
  expect(existsSync(workspace())).toBe(false);
  const pid = Number(/self=(\d+)/.exec(await scene.logOf(run_id))?.[1]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(scene.reports).toEqual([]);
});

test('a repository that cannot be read is the machine, and no process is begun', async () => {
  await pushed('true');
  const spawn = vi.spyOn(scene.deps.runner, 'spawn');
  const repository = scene.deps.repository('hello');
  scene.deps.repository = () => ({ ...repository, checkout: async () => Promise.reject(new GitError('The repository is gone.')) });
  expect(await built()).toMatchObject({
    outcome: { status: 'failed', classification: { type: 'spawn', message: 'The repository is gone.', suspect: 'machine' } },
  });
  expect(spawn).not.toHaveBeenCalled();
});

test('a missing secret fails the build before it has a log', async () => {
  await pushed('true');
  scene.deps.secrets = () => {
    throw new Error('TOKEN is not set.');
  };
  expect(await built()).toMatchObject({ log: null, outcome: { status: 'failed', excerpt: ['TOKEN is not set.'] } });
});

test('a version that an old release had is told, and nothing is checked out, run or overwritten', async () => {
  await pushed('true');
  await scene.deps.releases.claim('hello', versionOf('a1'), 99);
  await scene.deps.releases.claim('hello', `${versionOf('a1')}.2`, 98);
  await scene.deps.releases.claim('hello', versionOf('b2'), 97);
  const spawn = vi.spyOn(scene.deps.runner, 'spawn');
  const { run_id } = scene.owed('build');
  const [fact] = await buildRun(scene.owed('build'), scene.deps, new AbortController().signal);
  expect(fact).toEqual({ fact: 'version_taken', project: 'hello', run_id, taken: [versionOf('a1'), `${versionOf('a1')}.2`] });
  expect(spawn).not.toHaveBeenCalled();
  if (fact !== undefined) scene.line.fact(fact).expectEvents(['build_aborted', 'build_start']);
  expect(scene.owed('build').version).toBe(`${versionOf('a1')}.3`);
});

test('a commit that is built again after the state has forgotten its release gets a version of its own', async () => {
  await pushed('mkdir dist; echo "$VERSION" > dist/out');
  const build = async (): Promise<string> => {
    for (;;) {
      const [fact] = await buildRun(scene.owed('build'), scene.deps, new AbortController().signal);
      if (fact === undefined) throw new Error('a build has an end');
      scene.line.fact(fact);
      if (fact.fact === 'build_ended') return scene.line.project.releases[0]?.version ?? '';
    }
  };
  const first = await build();
  // The state forgets releases and the runs of builds; here at once instead of after dozens.
  const forget = (): void => {
    const { state } = scene.line;
    scene.line.state = {
      ...state,
      projects: state.projects.map((p) => ({ ...p, releases: [], runs: [], build: null, pushed: null, head: null })),
    };
  };
  forget();
  scene.line.push('a1');
  expect(scene.owed('build').version).toBe(first);
  expect(await build()).toBe(`${first}.2`);
  forget();
  scene.line.push('a1');
  expect(await build()).toBe(`${first}.3`);
  expect(await readFile(join(scene.deps.releases.path('hello', `${first}.2`), 'dist/out'), 'utf8')).toBe(`${first}.2\n`);
});
