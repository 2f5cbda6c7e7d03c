/** A defect in deciding must not become a loop: told once, shown on the run, tried ever more rarely. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runOf } from '../../../src/shared/fold/runs.ts';
import type { RunEnd } from '../../runner/port.ts';
import type { TierSpec } from '../given_line.ts';
import type { Fact, Intent } from '../intent.ts';
import { Engine } from './engine.ts';
import { deferred, openScene, type Scene } from './engine_scene.ts';
import { HandClock } from './hand_clock_for_tests.ts';

let scene: Scene;
let engine: Engine;
let clock: HandClock;
let offered: number;
/** Whether the end of a run can be decided. */
let defect: boolean;
let process: ReturnType<typeof deferred<RunEnd>>;

beforeEach(async () => {
  clock = new HandClock();
  offered = 0;
  defect = true;
  process = deferred<RunEnd>();
  scene = await openScene({
    tiers: [{ id: 'host' }],
    files: { 'dist/app.js': '' },
    build: { artifacts: ['dist'] },
    deps: {
      clock,
      runner: {
        spawn: async () => ({ end: await process.promise, elapsed_s: 1 }),
        sweepLeftovers: async () => 0,
        close: async () => undefined,
      },
    },
  });
  const record = scene.recording.record.bind(scene.recording);
  scene.recording.record = async (intent: Intent) => {
    if (intent.type === 'fact' && ENDS.includes(intent.fact.fact)) {
      offered += 1;
      if (defect) throw new TypeError('consequences do not come to rest');
    }
    return record(intent);
  };
  engine = new Engine(scene.deps);
});
afterEach(async () => {
  process.resolve({ type: 'aborted' });
  await engine.close();
  await scene.close();
});

const ENDS: readonly Fact['fact'][] = ['build_ended', 'burn_in_elapsed'];
const STUCK = { status: 'running', stuck: { reason: 'consequences do not come to rest' } };

/** Up to where the run is stuck and the next offer is waited for. */
async function stuck(): Promise<void> {
  await engine.start();
  scene.recording.tell((line) => line.push('a1'));
  process.resolve({ type: 'exit', code: 0 });
  await vi.waitFor(() => expect(runOf(scene.line.project, 1)).toMatchObject(STUCK));
  await vi.waitFor(() => expect(clock.waiting).toEqual([clock.now() + 10_000]));
}

test('the run is shown as stuck with the reason, once, and its end is offered after 10 s, 20 s, 40 s, at last every ten minutes', async () => {
  await stuck();
  for (const seconds of [10, 20, 40, 80, 160, 320, 600, 600]) {
    expect(clock.waiting).toEqual([clock.now() + seconds * 1000]);
    const before = offered;
    clock.advance(seconds * 1000);
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    expect(offered).toBe(before + 1);
  }
  expect(scene.reports.filter((line) => line.includes('stuck'))).toHaveLength(1);
  expect(scene.line.log.filter((e) => e.kind === 'run_stuck')).toHaveLength(1);
});

test('it has its end as soon as that can be decided', async () => {
  await stuck();
  defect = false;
  clock.advance(10_000);
  await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('ok'));
  expect(runOf(scene.line.project, 1)).not.toHaveProperty('stuck');
  expect(clock.waiting).toEqual([]);
});

test('it can be cancelled, and is then offered no more', async () => {
  await stuck();
  scene.recording.tell((line) => line.command({ command: 'cancel_run', run_id: 1 }));
  const before = offered;
  clock.advance(10_000);
  await vi.waitFor(() => expect(clock.waiting).toEqual([]));
  expect(offered).toBe(before);
});

test('at a start it keeps the server from nothing, and the run is not begun a second time', async () => {
  scene.line.push('a1');
  const claim = vi.spyOn(scene.deps.releases, 'claim');
  await engine.start();
  expect(runOf(scene.line.project, 1)).toMatchObject(STUCK);
  scene.recording.tell((line) => line.reload({ id: 'host' }));
  await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
  // The first thing that a build does.
  expect(claim).not.toHaveBeenCalled();
});

test('a burn-in that is over is offered as rarely, and is told of once', async () => {
  await engine.start();
  const burning: TierSpec = { id: 'host', gates: [{ id: 'burn_in', kind: 'burn_in', for_s: 60 }] };
  scene.recording.tell((line) => line.reload(burning));
  scene.recording.tell((line) => line.push('a1').buildPassed());
  await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
  clock.advance(60_000);
  for (const seconds of [10, 20, 40]) {
    await vi.waitFor(() => expect(clock.waiting).toEqual([clock.now() + seconds * 1000]));
    scene.recording.tell((line) => line.reload(burning));
    expect(clock.waiting).toHaveLength(1);
    clock.advance(seconds * 1000);
  }
  await vi.waitFor(() => expect(offered).toBe(4));
  expect(scene.line.log.filter((e) => e.kind === 'run_stuck')).toHaveLength(1);
  defect = false;
  await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
  clock.advance(80_000);
  await vi.waitFor(() => expect(scene.line.gate('host', 'burn_in')).toMatchObject({ status: 'passed' }));
});
