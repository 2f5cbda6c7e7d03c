/** A server that stops and starts again over the same log: the second engine knows only what the log tells. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fold } from '../../../src/shared/fold/fold.ts';
import { attemptsOf } from '../../../src/shared/fold/select.ts';
import { EMPTY_STATE } from '../../../src/shared/fold/state.ts';
import type { DeployResult } from '../../deploy/port.ts';
import type { RunEnd } from '../../runner/port.ts';
import { HOST, PLAIN_HOST as PLAIN, PRODUCTION, STAGING, versionOf, type TierSpec } from '../given_line.ts';
import { Engine } from './engine.ts';
import { deferred, openScene, type Scene } from './engine_scene.ts';
import { HandClock } from './hand_clock_for_tests.ts';
import { NodeWatch } from './node_watch.ts';

const MINUTE_MS = 60_000;
const PASSED: RunEnd = { type: 'exit', code: 0 };
const ONE_NODE: TierSpec = { id: 'staging', nodes: ['n1'] };

let scene: Scene;
let engine: Engine;
let clock: HandClock;
/** Names of the processes begun, and how each is ended. */
let begun: { name: string; env: Readonly<Record<string, string>>; end: (end: RunEnd) => void }[];
let deploys: { version: string; end: (end: DeployResult) => void }[];
let current: string | null;

beforeEach(() => {
  clock = new HandClock();
  begun = [];
  deploys = [];
  current = null;
});

async function open(tiers: readonly TierSpec[], builds_again = 0): Promise<void> {
  scene = await openScene({
    tiers,
    files: { 'dist/app.js': '' },
    build: { artifacts: ['dist'] },
    deps: {
      clock,
      runner: {
        spawn: async ({ name, env, signal }) => {
          const ended = deferred<RunEnd>();
          begun.push({ name, env, end: ended.resolve });
          onAbort(signal, () => ended.resolve({ type: 'aborted' }));
          return { end: await ended.promise, elapsed_s: 1 };
        },
        sweepLeftovers: async () => 0,
        close: async () => undefined,
      },
      transport: {
        deploy: async ({ version, signal }) => {
          const ended = deferred<DeployResult>();
          deploys.push({ version, end: ended.resolve });
          onAbort(signal, () => ended.resolve({ ok: false, aborted: true }));
          return ended.promise;
        },
        current: async () => current,
      },
      probe: async () => ({ status: 'answers', detail: '200' }),
    },
  });
  scene.line.builds_again = builds_again;
  scene.line.reload(...tiers);
  engine = new Engine(scene.deps);
  await engine.start();
}
afterEach(async () => {
  await engine.close();
  await scene.close();
});

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

/** The server stops for a while; what the next one knows is the fold of the log. */
async function restarted(away_ms = 0): Promise<void> {
  await engine.close();
  scene.line.state = scene.line.log.reduce(fold, EMPTY_STATE);
  clock.advance(away_ms);
  scene.line.now_ms = clock.now();
  engine = new Engine(scene.deps);
  await engine.start();
}

const nth = <T>(of: readonly T[], n: number): Promise<T> =>
  vi.waitFor(() => {
    const found = of[n - 1];
    if (found === undefined) throw new Error(`the ${n}th has not begun`);
    return found;
  });

describe('a burn-in', () => {
  const burning = async (): Promise<string> => {
    await open([HOST, STAGING, PRODUCTION]);
    await engine.close();
    scene.recording.tell((line) => line.throughHost('a1').deployOk('staging', 'staging-1', 'staging-2'));
    await restarted();
    return scene.owed('burn_in').until;
  };

  test('ends at the instant that was recorded, however often the server starts', async () => {
    const until = await burning();
    for (const minutes of [5, 10]) {
      await restarted(minutes * MINUTE_MS);
      await vi.waitFor(() => expect(clock.waiting).toEqual([Date.parse(until)]));
    }
    clock.advance(15 * MINUTE_MS - 1);
    expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'burning_in', until });
    clock.advance(1);
    await vi.waitFor(() => expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'passed' }));
    expect(scene.line.gate('staging', 'manual_confirm')).toMatchObject({ status: 'awaiting_confirm' });
  });

  test('that ended while the server was away is over at once', async () => {
    await burning();
    await restarted(31 * MINUTE_MS);
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    // A clock of the test rings only when it is moved, a real one at once.
    clock.advance(0);
    await vi.waitFor(() => expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'passed' }));
  });
});

test('a confirm waits over a restart for the same run, and counts afterwards', async () => {
  await open([HOST, STAGING, PRODUCTION]);
  await engine.close();
  scene.recording.tell((line) => line.toConfirm('a1'));
  const run_id = scene.line.gateRun('staging', 'manual_confirm');
  await restarted(60 * MINUTE_MS);
  expect(scene.line.gate('staging', 'manual_confirm')).toMatchObject({ status: 'awaiting_confirm', run_id });
  scene.recording.tell((line) => line.command({ command: 'confirm', tier: 'staging' }));
  expect(scene.line.gate('staging', 'manual_confirm')).toMatchObject({ status: 'passed', run_id });
});

test('a build begins again as often as allowed, and its release has the version of the first attempt', async () => {
  await open([PLAIN], 2);
  scene.recording.tell((line) => line.push('a1'));
  await nth(begun, 1);
  await restarted();
  await nth(begun, 2);
  await restarted();
  (await nth(begun, 3)).end(PASSED);
  await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('ok'));
  expect(begun.map(({ env }) => env['VERSION'])).toEqual([versionOf('a1'), versionOf('a1'), versionOf('a1')]);
  expect(scene.line.project.releases.map(({ version }) => version)).toEqual([versionOf('a1')]);
  expect(scene.line.project.runs.map((run) => [run.attempt, run.status])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [3, 'passed'],
  ]);
});

test('a third restart leaves the build interrupted', async () => {
  await open([PLAIN], 2);
  scene.recording.tell((line) => line.push('a1'));
  for (let n = 1; n <= 3; n++) {
    await nth(begun, n);
    await restarted();
  }
  expect(scene.line.project.build).toMatchObject({ status: 'failed', version: versionOf('a1') });
  expect(begun).toHaveLength(3);
});

test('a build whose files were stored when the server died, and whose end was not, is built anew and is a release', async () => {
  await open([PLAIN], 1);
  scene.recording.tell((line) => line.push('a1'));
  scene.recording.broken = true;
  (await nth(begun, 1)).end(PASSED);
  await vi.waitFor(async () => expect(await scene.deps.releases.has('hello', versionOf('a1'))).toBe(true));
  await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
  await engine.close();
  scene.recording.broken = false;
  await restarted();
  (await nth(begun, 2)).end(PASSED);
  await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('ok'));
  expect(scene.line.release('a1').version).toBe(versionOf('a1'));
});

test('a command gate begins again as often as allowed; its deadline is that of the new attempt', async () => {
  await open([{ id: 'host', gates: [{ id: 'unit_tests', kind: 'command', retry_interrupted: 1 }] }]);
  scene.recording.tell((line) => line.push('a1'));
  (await nth(begun, 1)).end(PASSED);
  await nth(begun, 2);
  await restarted(60 * MINUTE_MS);
  await nth(begun, 3);
  expect(scene.line.gate('host', 'unit_tests')).toMatchObject({ status: 'running', attempt: 2, retried: 1 });
  await restarted();
  expect(scene.line.gate('host', 'unit_tests')).toMatchObject({ status: 'failed', attempt: 2 });
  expect(attemptsOf(scene.line.project, 'host', 'unit_tests', versionOf('a1'))).toHaveLength(2);
  expect(begun).toHaveLength(3);
});

test('what was cancelled, or replaced by a newer push, does not begin again', async () => {
  await open([PLAIN], 2);
  scene.recording.tell((line) => line.push('a1'));
  await nth(begun, 1);
  scene.recording.tell((line) => line.command({ command: 'cancel_run', run_id: 1 }));
  await restarted();
  expect(scene.line.project.build).toMatchObject({ status: 'aborted' });
  expect(begun).toHaveLength(1);
});

describe('a deploy', () => {
  const interrupted = async (): Promise<void> => {
    await open([PLAIN, ONE_NODE], 2);
    scene.recording.tell((line) => line.push('a1').buildPassed());
    (await nth(deploys, 1)).end({ ok: true });
    await vi.waitFor(() => expect(scene.line.tier('staging').current?.deployed).toBe('complete'));
    current = versionOf('a1');
    scene.recording.tell((line) => line.push('b2').buildPassed());
    await nth(deploys, 2);
  };

  test.each([
    ['Continue', 'redeploy', { version: versionOf('b2'), deployed: 'complete' }],
    ['Roll back', 'rollback', { version: versionOf('a1'), entry: 'rollback', deployed: 'complete' }],
  ] as const)('is not repeated: the tier says so, the node is asked, and %s is possible', async (_, command, then) => {
    await interrupted();
    await restarted();
    const watch = new NodeWatch(scene.deps);
    await watch.start();
    watch.close();
    expect(deploys).toHaveLength(2);
    expect(scene.line.tier('staging')).toMatchObject({
      move: null,
      current: { version: versionOf('b2'), deployed: 'failed', failure: { node: 'n1', failure: { type: 'interrupted' } } },
    });
    expect(scene.line.node('staging', 'n1').observed).toMatchObject({ version: versionOf('a1') });
    scene.recording.tell((line) => line.command({ command, tier: 'staging' }));
    const again = await nth(deploys, 3);
    expect(again.version).toBe(then.version);
    again.end({ ok: true });
    await vi.waitFor(() => expect(scene.line.tier('staging')).toMatchObject({ move: null, current: then }));
    expect(deploys).toHaveLength(3);
  });

  test('that had reached the node is known to be there, and nothing has to be repeated to see it', async () => {
    await interrupted();
    current = versionOf('b2');
    await restarted();
    const watch = new NodeWatch(scene.deps);
    await watch.start();
    watch.close();
    expect(scene.line.node('staging', 'n1').observed).toMatchObject({ version: versionOf('b2'), status: 'answers' });
    expect(deploys).toHaveLength(2);
  });
});
