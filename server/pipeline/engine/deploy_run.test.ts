import { afterEach, expect, test } from 'vitest';
import type { DeployJob, DeployResult } from '../../deploy/port.ts';
import { versionOf } from '../given_line.ts';
import { deployRun } from './deploy_run.ts';
import { openScene, type Scene } from './engine_scene.ts';

let scene: Scene;
afterEach(() => scene.close());

/** A deploy of b2 on the one node of staging, over a1. */
async function deploying(deploy: (job: DeployJob) => Promise<DeployResult>): Promise<void> {
  scene = await openScene({
    tiers: [{ id: 'host' }, { id: 'staging', nodes: ['n1'] }],
    health: { http: 'http://$NODE.internal/$TIER?token=$TOKEN', expect: '$VERSION', within_ms: 1000 },
    secrets: { TOKEN: 'a-secret' },
    deps: {
      transport: { deploy, current: async () => versionOf('a1') },
      probe: async ({ expect: wanted }) => ({ status: 'matching', detail: `200, ${wanted}` }),
    },
  });
  scene.line.push('a1').buildPassed().deployOk('staging', 'n1').push('b2').buildPassed();
}

const deployed = (signal = new AbortController().signal): ReturnType<typeof deployRun> =>
  deployRun(scene.owed('deploy'), scene.deps, signal);
const LOG = { bytes: expect.any(Number) as number, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string };

test('the node gets the release with its fence, its values and what it must keep; a good end says nothing of the node', async () => {
  let job: DeployJob | undefined;
  await deploying(async (it) => ((job = it), { ok: true }));
  const { run_id, seq_no } = scene.owed('deploy');
  expect(await deployed()).toEqual([
    { fact: 'deploy_ended', project: 'hello', run_id, elapsed_s: expect.any(Number) as number, log: LOG, failure: null, excerpt: [] },
  ]);
  expect(job).toMatchObject({
    version: versionOf('b2'),
    fence: { generation: 1, seq_no },
    keep: new Set([versionOf('a1'), versionOf('b2')]),
    node: {
      env: { TOKEN: 'a-secret', TIER: 'staging', NODE: 'n1', VERSION: versionOf('b2') },
      health: { http: 'http://n1.internal/staging?token=$TOKEN', expect: versionOf('b2') },
    },
  });
});

test.each([
  [1, ['c3', 'd4', 'b2']],
  [2, ['c3', 'd4', 'b2', 'a1']],
])('with keep_releases %i the node keeps what is in use and so many that completed before', async (keep_releases, kept) => {
  let job: DeployJob | undefined;
  await deploying(async (it) => ((job = it), { ok: true }));
  scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [{ ...scene.project, keep_releases }] });
  for (const next of ['c3', 'd4']) scene.line.deployOk('staging', 'n1').push(next).buildPassed();
  await deployed();
  expect(job?.keep).toEqual(new Set(kept.map((short) => versionOf(short))));
});

test('what the node answers goes through the masking of the run before it is told', async () => {
  let job: DeployJob | undefined;
  await deploying(async (it) => ((job = it), { ok: true }));
  await deployed();
  expect(job?.node.health?.masked?.('not with a-secret')).toBe('not with ***');
});

test('what the transport says stands apart from what the restart script does', async () => {
  await deploying(async ({ output, say }) => {
    await output(Buffer.from('no feed at its end'));
    await say('Restarted in 0.1 s.');
    return { ok: true };
  });
  const { run_id } = scene.owed('deploy');
  await deployed();
  expect(await scene.logOf(run_id)).toContain('no feed at its end\n\u001b[2m— Restarted in 0.1 s.\u001b[0m\n');
});

test('after a failure the node is asked what it runs now', async () => {
  await deploying(async () => ({ ok: false, failure: { type: 'transfer', message: 'no space' } }));
  expect(await deployed()).toMatchObject([
    { fact: 'deploy_ended', failure: { type: 'transfer', message: 'no space' }, excerpt: ['no space'], log: LOG },
    {
      fact: 'observed',
      event: {
        kind: 'node_observed',
        tier: 'staging',
        node: 'n1',
        version: versionOf('a1'),
        status: 'matching',
        detail: `200, ${versionOf('a1')}`,
      },
    },
  ]);
});

test('a failure stays what it was when the node has left the config meanwhile', async () => {
  await deploying(async () => {
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [] });
    return { ok: false, failure: { type: 'health_check', message: 'no answer' } };
  });
  expect(await deployed()).toMatchObject([{ fact: 'deploy_ended', failure: { type: 'health_check', message: 'no answer' } }]);
  expect(scene.reports).toEqual([expect.stringContaining('n1 could not be asked what it runs')]);
});

test('what was aborted has nothing to say', async () => {
  await deploying(async () => ({ ok: false, aborted: true }));
  expect(await deployed(AbortSignal.abort())).toEqual([]);
});

test('a node that is not in the config fails the deploy with a sentence, without a log', async () => {
  await deploying(async () => ({ ok: true }));
  scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [{ ...scene.project, tiers: [] }] });
  const message = 'hello has no tier staging in the config any more.';
  expect(await deployed()).toMatchObject([{ fact: 'deploy_ended', log: null, failure: { type: 'command', message }, excerpt: [message] }]);
});
