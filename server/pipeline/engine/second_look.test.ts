/** What is looked at once more just before it is done, and answers that came too late to be about what is there now. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runOf } from '../../../src/shared/fold/runs.ts';
import { NodeId, ProjectId, TierId } from '../../../src/shared/protocol/ids.ts';
import type { DeployResult } from '../../deploy/port.ts';
import { PLAIN_HOST, STAGING, versionOf } from '../given_line.ts';
import { Engine } from './engine.ts';
import { deferred, openScene, type Scene } from './engine_scene.ts';
import { HandClock } from './hand_clock_for_tests.ts';
import { observe } from './observe.ts';
import { overtaken } from './overtaken.ts';

const ONE_NODE = { id: 'staging', nodes: ['n1'] };
const AT = { project: ProjectId.parse('hello'), tier: TierId.parse('staging'), node: NodeId.parse('n1') };

let scene: Scene;
let engine: Engine;
let deploys: { version: string; end: (end: DeployResult) => void }[];
let asked: (() => void) | null;

beforeEach(async () => {
  deploys = [];
  asked = null;
  scene = await openScene({
    tiers: [PLAIN_HOST, ONE_NODE],
    health: { http: 'http://n1/', expect: '$VERSION', within_ms: 1000 },
    deps: {
      clock: new HandClock(),
      transport: {
        deploy: async ({ version }) => {
          const ended = deferred<DeployResult>();
          deploys.push({ version, end: ended.resolve });
          return ended.promise;
        },
        current: async () => versionOf('a1'),
      },
      probe: async () => {
        const answer = deferred<void>();
        asked = answer.resolve;
        await answer.promise;
        return { status: 'matching', detail: '200' };
      },
    },
  });
  engine = new Engine(scene.deps);
});
afterEach(async () => {
  const closed = engine.close();
  for (const { end } of deploys) end({ ok: false, aborted: true });
  await closed;
  await scene.close();
});

/** A promote of b2 that waits for its node: the deploy it replaced has been told to end and has not ended. */
async function waitingForTheNode(): Promise<void> {
  await engine.start();
  scene.recording.tell((line) => line.push('a1').buildPassed());
  await vi.waitFor(() => expect(deploys).toHaveLength(1));
  scene.recording.tell((line) =>
    line
      .command({ command: 'cancel_run', run_id: line.deployRun('staging', 'n1') })
      .push('b2')
      .buildPassed(),
  );
  scene.recording.tell((line) => line.command({ command: 'promote', tier: 'staging', version: versionOf('b2') }));
}

describe('a deploy that had to wait for its node', () => {
  test('begins when what was meant is still meant', async () => {
    await waitingForTheNode();
    deploys[0]?.end({ ok: false, aborted: true });
    await vi.waitFor(() => expect(deploys.map(({ version }) => version)).toEqual([versionOf('a1'), versionOf('b2')]));
  });

  test('does not when another release is meant by then; that is its end, and the reason is recorded', async () => {
    await waitingForTheNode();
    const { run_id } = scene.owed('deploy');
    // The state says something else, and nobody was told: what a second look is for.
    const { line } = scene;
    const other = line.release('a1');
    line.state = {
      ...line.state,
      projects: line.state.projects.map((project) => ({
        ...project,
        tiers: project.tiers.map((tier) =>
          tier.id !== 'staging' || tier.move === null ? tier : { ...tier, move: { ...tier.move, version: other.version } },
        ),
      })),
    };
    deploys[0]?.end({ ok: false, aborted: true });
    await vi.waitFor(() =>
      expect(runOf(line.project, run_id)).toMatchObject({
        status: 'failed',
        why: { type: 'replaced', message: `It was not begun: ${versionOf('a1')} is put on staging now.` },
      }),
    );
    expect(deploys).toHaveLength(1);
    expect(scene.reports.join()).toContain('was not begun');
  });
});

test('every way in which the premise of a deploy can be gone is told apart', async () => {
  scene.line.push('a1').buildPassed();
  const effect = scene.owed('deploy');
  const { state } = scene.line;
  expect(overtaken(state, effect)).toBeNull();
  expect(overtaken(state, { ...effect, run_id: 99 })).toBe('it has an end already');
  expect(overtaken(state, { ...effect, sha: 'b'.repeat(40) as never })).toContain('it is now about');
  const moved = (move: object | null) => ({
    ...state,
    projects: state.projects.map((project) => ({
      ...project,
      tiers: project.tiers.map((tier) => (tier.move === null ? tier : { ...tier, move: move === null ? null : { ...tier.move, ...move } })),
    })),
  });
  expect(overtaken(moved(null), effect)).toBe('nothing is put on staging any more');
  expect(overtaken(moved({ nodes: [] }), effect)).toContain('is put on staging now');
  expect(overtaken({ ...state, projects: state.projects.map((project) => ({ ...project, releases: [] })) }, effect)).toContain(
    'no longer the release',
  );
});

test('an answer from before a deploy says nothing about what runs after it', async () => {
  const { line } = scene;
  line.push('a1').buildPassed().deployOk('staging', 'n1');
  const asking = observe(scene.deps, AT, 'always');
  await vi.waitFor(() => expect(asked).not.toBeNull());
  line.push('b2').buildPassed().deployOk('staging', 'n1');
  asked?.();
  for (const fact of await asking) line.fact(fact).expectNothing();
  expect(line.node('staging', 'n1').observed).toMatchObject({ version: versionOf('b2') });
});

test('an answer from after the last deploy counts', async () => {
  const { line } = scene;
  line.push('a1').buildPassed().deployOk('staging', 'n1');
  const asking = observe(scene.deps, AT, 'always');
  await vi.waitFor(() => expect(asked).not.toBeNull());
  asked?.();
  for (const fact of await asking) line.fact(fact).expectEvents(['node_observed']);
});

test('a release that is held while it goes up reaches no further node, and the tier says why', () => {
  const both = { id: 'production', nodes: ['prod-1', 'prod-2'] };
  const { line } = scene;
  line
    .reload(PLAIN_HOST, { ...STAGING, gates: [] }, both)
    .push('a1')
    .buildPassed();
  line.deployOk('staging', 'staging-1', 'staging-2').deployOk('production', 'prod-1', 'prod-2');
  line.push('b2').buildPassed().deployOk('staging', 'staging-1', 'staging-2');
  expect(line.tier('production').move).toMatchObject({ version: versionOf('b2') });
  line.command({ command: 'rollback', tier: 'staging' });
  line.deployOk('production', 'prod-1').expectEvents(['deploy_ok', 'link', 'link', 'promote_failed']);
  expect(line.commit.at(-1)).toMatchObject({ node: 'prod-2', reason: `${versionOf('b2')} is held on staging` });
  expect(line.tier('production')).toMatchObject({ move: null, current: { version: versionOf('b2'), deployed: 'failed' } });
});
