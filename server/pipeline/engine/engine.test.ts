import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runOf } from '../../../src/shared/fold/runs.ts';
import type { DeployJob, DeployResult, Transport } from '../../deploy/port.ts';
import type { RunEnd, Runner, RunSpec } from '../../runner/port.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf, type TierSpec } from '../given_line.ts';
import { Engine } from './engine.ts';
import { deferred, openScene, writeFiles, type Scene } from './engine_scene.ts';
import { HandClock } from './hand_clock_for_tests.ts';
import { RunOutput } from './run_output.ts';

const PLAIN: TierSpec = { id: 'host', gates: [] };
const ONE_NODE: TierSpec = { id: 'staging', nodes: ['n1'] };
const GATED: TierSpec = { ...ONE_NODE, gates: [{ id: 'e2e', kind: 'command' }] };
const MINUTE_MS = 60_000;

interface Held<T, R> {
  job: T;
  end: (result: R) => void;
}

/** Processes and deploys that end when the test says so, and not because they were aborted: what they were told is in `signal`. */
class Yard {
  readonly processes: Held<RunSpec, RunEnd>[] = [];
  readonly deploys: Held<DeployJob, DeployResult>[] = [];
  readonly runner: Runner = {
    spawn: async (job) => {
      const end = deferred<RunEnd>();
      this.processes.push({ job, end: end.resolve });
      return { end: await end.promise, elapsed_s: 1 };
    },
    sweepLeftovers: async () => 0,
    close: async () => undefined,
  };
  readonly transport: Transport = {
    deploy: async (job) => {
      const end = deferred<DeployResult>();
      this.deploys.push({ job, end: end.resolve });
      return end.promise;
    },
    current: async () => null,
  };

  /** Resolves when the nth process has been begun. */
  process(nth: number): Promise<Held<RunSpec, RunEnd>> {
    return vi.waitFor(() => this.processes[nth - 1] ?? missing(`process ${nth}`));
  }

  deploy(nth: number): Promise<Held<DeployJob, DeployResult>> {
    return vi.waitFor(() => this.deploys[nth - 1] ?? missing(`deploy ${nth}`));
  }
}

function missing(what: string): never {
  throw new Error(`${what} has not begun`);
}

const PASSED: RunEnd = { type: 'exit', code: 0 };

let scene: Scene;
let engine: Engine;
let clock: HandClock;
let yard: Yard;

async function line(tiers: readonly TierSpec[], before: (scene: Scene) => unknown = () => undefined): Promise<void> {
  clock = new HandClock();
  yard = new Yard();
  scene = await openScene({
    tiers,
    files: { 'dist/app.js': '' },
    build: { artifacts: ['dist'] },
    deps: { clock, runner: yard.runner, transport: yard.transport },
  });
  await before(scene);
  engine = new Engine(scene.deps);
}

/** Lets everything under way end, so that closing has nothing to wait for. */
afterEach(async () => {
  const closed = engine.close();
  for (const { end } of yard.processes) end({ type: 'aborted' });
  for (const { end } of yard.deploys) end({ ok: false, aborted: true });
  await closed;
  await scene.close();
});

let rounds = 0;

/** Lets pass what a run that wrongly began would need to be seen: the same log and folder work, done twice from beginning to end after it. */
async function quiet(): Promise<void> {
  for (let again = 0; again < 2; again++) {
    rounds += 1;
    const output = await RunOutput.open(scene.deps.logs, { run_id: 1000 + rounds, project: 'hello', type: 'build' }, []);
    await output.say('Nothing happens');
    await writeFiles(join(scene.folder, 'quiet', String(rounds)), { 'dist/app.js': '' });
    await output.close();
  }
}

describe('beginning', () => {
  test('a run is begun once, whatever else is stored meanwhile', async () => {
    await line([PLAIN]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    await yard.process(1);
    scene.recording.tell((it) => it.reload(PLAIN));
    scene.recording.tell((it) => it.reload(PLAIN));
    (await yard.process(1)).end(PASSED);
    await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('ok'));
    await quiet();
    expect(yard.processes.map(({ job }) => job.name)).toEqual(['build of hello']);
    // A second begin would trip over the log that the run has already.
    expect(scene.recording.offered.map(({ fact }) => fact)).toEqual(['build_ended']);
    expect(scene.reports).toEqual([]);
  });

  test('nothing is begun before its start is stored', async () => {
    await line([PLAIN]);
    await engine.start();
    const disk = deferred<void>();
    scene.recording.slow = disk.promise;
    const stored = scene.recording.record({
      type: 'fact',
      actor: 'system:git',
      fact: { fact: 'pushed', project: scene.project.id, commit: { sha: shaOf('a1'), declared: '1.0.0', subject: null, author: null } },
    });
    await quiet();
    expect(yard.processes).toEqual([]);
    disk.resolve();
    await stored;
    await yard.process(1);
  });

  test('the end of one run is the beginning of the next: build, gate, gate', async () => {
    await line([HOST]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    (await yard.process(1)).end(PASSED);
    expect((await yard.process(2)).job.name).toBe('unit_tests');
    (await yard.process(2)).end(PASSED);
    expect((await yard.process(3)).job.name).toBe('boot_smoke');
    expect(scene.reports).toEqual([]);
  });
});

describe('what is no longer owed', () => {
  test('a newer push ends the build, and the next one waits until it is gone', async () => {
    await line([PLAIN]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    const first = await yard.process(1);
    expect(first.job.signal.aborted).toBe(false);
    scene.recording.tell((it) => it.push('b2'));
    expect(first.job.signal.aborted).toBe(true);
    await quiet();
    expect(yard.processes).toHaveLength(1);
    first.end({ type: 'aborted' });
    expect((await yard.process(2)).job.env['SHA']).toBe(shaOf('b2'));
    expect(scene.recording.offered).toEqual([]);
  });

  test('a build that is superseded while it waits is never begun', async () => {
    await line([PLAIN]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    const first = await yard.process(1);
    scene.recording.tell((it) => it.push('b2'));
    scene.recording.tell((it) => it.push('c3'));
    first.end({ type: 'aborted' });
    expect((await yard.process(2)).job.env['SHA']).toBe(shaOf('c3'));
    await quiet();
    expect(yard.processes).toHaveLength(2);
  });

  test('a rollback ends the deploy; its own deploy on that node begins when the other is really gone', async () => {
    await line([PLAIN, ONE_NODE], ({ line: it }) => it.push('a1').buildPassed().deployOk('staging', 'n1').push('b2').buildPassed());
    await engine.start();
    // What was in flight is interrupted at start; the next release goes up in this life.
    scene.recording.tell((it) => it.push('c3').buildPassed());
    scene.recording.tell((it) => it.command({ command: 'promote', tier: 'staging', version: versionOf('c3') }));
    const bad = await yard.deploy(1);
    expect(bad.job.version).toBe(versionOf('c3'));
    scene.recording.tell((it) => it.command({ command: 'rollback', tier: 'staging' }));
    expect(bad.job.signal.aborted).toBe(true);
    await quiet();
    expect(yard.deploys).toHaveLength(1);
    bad.end({ ok: false, aborted: true });
    const back = await yard.deploy(2);
    expect(back.job).toMatchObject({ version: versionOf('a1'), node: { id: 'n1' } });
    expect(back.job.fence.seq_no).toBeGreaterThan(bad.job.fence.seq_no);
    back.end({ ok: true });
    await vi.waitFor(() => expect(scene.line.node('staging', 'n1').deployed?.version).toBe(versionOf('a1')));
  });

  /** From the push to where its gate runs on staging. @returns the gate's process. */
  async function toGate(short: string, process: number, deploy: number): Promise<Held<RunSpec, RunEnd>> {
    scene.recording.tell((it) => it.push(short));
    (await yard.process(process)).end(PASSED);
    (await yard.deploy(deploy)).end({ ok: true });
    return yard.process(process + 1);
  }

  test('a rollback ends the gate; its deploy begins when the gate is really gone', async () => {
    await line([PLAIN, GATED]);
    await engine.start();
    (await toGate('a1', 1, 1)).end(PASSED);
    await vi.waitFor(() => expect(scene.line.gate('staging', 'e2e')).toMatchObject({ status: 'passed' }));
    const gate = await toGate('b2', 3, 2);
    scene.recording.tell((it) => it.command({ command: 'rollback', tier: 'staging' }));
    expect(scene.line.node('staging', 'n1').deploy).toMatchObject({ status: 'running', version: versionOf('a1') });
    expect(gate.job.signal.aborted).toBe(true);
    await quiet();
    expect(yard.deploys).toHaveLength(2);
    gate.end({ type: 'aborted' });
    expect((await yard.deploy(3)).job.version).toBe(versionOf('a1'));
    expect(scene.reports).toEqual([]);
  });

  test('deploys on different nodes do not wait for each other', async () => {
    await line([PLAIN, { id: 'staging', nodes: ['n1', 'n2'], canary: 'parallel' }]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1').buildPassed());
    await yard.deploy(2);
    expect(yard.deploys.map(({ job }) => job.node.id).sort()).toEqual(['n1', 'n2']);
  });
});

describe('a fact that cannot be stored', () => {
  test('is offered again every second until it is, and the run is not begun a second time', async () => {
    await line([PLAIN]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    scene.recording.broken = true;
    (await yard.process(1)).end(PASSED);
    await vi.waitFor(() => expect(scene.recording.offered).toHaveLength(1));
    await vi.waitFor(() => expect(clock.waiting).toContain(clock.now() + 1000));
    scene.recording.tell((it) => it.reload(PLAIN));
    clock.advance(999);
    await quiet();
    expect(scene.recording.offered).toHaveLength(1);
    clock.advance(1);
    await vi.waitFor(() => expect(clock.waiting).toContain(clock.now() + 1000));
    expect(scene.recording.offered).toHaveLength(2);
    scene.recording.broken = false;
    clock.advance(1000);
    await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('ok'));
    expect(yard.processes).toHaveLength(1);
    expect(scene.reports).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('build_ended could not be stored; it will be offered again') as string),
    );
  });

  test('does not keep the server from closing', async () => {
    await line([PLAIN]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1'));
    scene.recording.broken = true;
    (await yard.process(1)).end(PASSED);
    await vi.waitFor(() => expect(clock.waiting).not.toEqual([]));
    await engine.close();
    expect(clock.waiting).toEqual([]);
  });
});

describe('start after a crash', () => {
  test.each([
    ['build', [PLAIN], (it: Scene) => it.line.push('a1')],
    ['gate', [HOST], (it: Scene) => it.line.push('a1').buildPassed()],
    ['deploy', [PLAIN, ONE_NODE], (it: Scene) => it.line.push('a1').buildPassed()],
  ] as const)('a %s that was in flight is settled as interrupted, with the log it left, and not repeated', async (type, tiers, before) => {
    await line(tiers, before);
    const { run_id } = scene.owed(type);
    const log = await scene.deps.logs.create({ run_id, project: 'hello', type }, []);
    log.write(Buffer.from('half a line'));
    const closed = await log.close();
    await engine.start();
    await quiet();
    expect(runOf(scene.line.project, run_id)).toMatchObject({
      status: 'failed',
      why: { type: 'interrupted' },
      log: closed,
      excerpt: ['The server stopped during this run; its log ends there.'],
    });
    expect(yard.processes).toEqual([]);
    expect(yard.deploys).toEqual([]);
  });

  test('a run that never had a log says nothing of one', async () => {
    await line([HOST], (it) => it.line.push('a1').buildPassed());
    const { run_id } = scene.owed('gate');
    await engine.start();
    expect(runOf(scene.line.project, run_id)).toMatchObject({ status: 'failed', log: null, excerpt: [] });
  });

  test('a burn-in goes on to the same instant', async () => {
    await line([HOST, STAGING, PRODUCTION], (it) => it.line.throughHost('a1').deployOk('staging', 'staging-1', 'staging-2'));
    const { until, run_id } = scene.owed('burn_in');
    clock.advance(29 * MINUTE_MS);
    await engine.start();
    expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'burning_in', run_id, until });
    expect(clock.waiting).toEqual([Date.parse(until)]);
    clock.advance(Date.parse(until) - clock.now());
    await vi.waitFor(() => expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'passed', run_id }));
  });

  test('a burn-in that was woken too early is waited for again', async () => {
    await line([HOST, STAGING, PRODUCTION], (it) => it.line.throughHost('a1').deployOk('staging', 'staging-1', 'staging-2'));
    const { until, run_id } = scene.owed('burn_in');
    await engine.start();
    await vi.waitFor(() => expect(clock.waiting).toEqual([Date.parse(until)]));
    clock.wakeTooEarly();
    await vi.waitFor(() => expect(clock.waiting).toEqual([Date.parse(until)]));
    clock.advance(Date.parse(until) - clock.now());
    await vi.waitFor(() => expect(scene.line.gate('staging', 'burn_in')).toMatchObject({ status: 'passed', run_id }));
  });

  test('a burn-in that is no longer owed wakes nobody', async () => {
    await line([HOST, STAGING, PRODUCTION], (it) => it.line.throughHost('a1').deployOk('staging', 'staging-1', 'staging-2'));
    const { run_id } = scene.owed('burn_in');
    await engine.start();
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    scene.recording.tell((it) => it.command({ command: 'cancel_run', run_id }));
    expect(clock.waiting).toEqual([]);
  });
});

test('a run that breaks the engine is settled, not left running', async () => {
  await line([PLAIN]);
  const noDisk = async (): Promise<never> => {
    throw new Error('no disk');
  };
  engine = new Engine({
    ...scene.deps,
    logs: { ...scene.deps.logs, create: async () => ({ write: () => undefined, drained: async () => undefined, close: noDisk }) },
  });
  await engine.start();
  scene.recording.tell((it) => it.push('a1'));
  (await yard.process(1)).end(PASSED);
  await vi.waitFor(() => expect(scene.line.project.build?.status).toBe('failed'));
  expect(scene.reports.join()).toContain('broke the engine');
});

describe('close', () => {
  test('ends everything, waits until it is gone, stores nothing, follows no more, and may be called twice', async () => {
    await line([PLAIN, { ...ONE_NODE, id: 'staging' }]);
    await engine.start();
    scene.recording.tell((it) => it.push('a1').buildPassed().push('b2'));
    const [deploy, build] = [await yard.deploy(1), await yard.process(1)];
    let closed = false;
    const twice = [engine.close(), engine.close()].map((one) => one.then(() => (closed = true)));
    expect(deploy.job.signal.aborted && build.job.signal.aborted).toBe(true);
    deploy.end({ ok: false, aborted: true });
    await quiet();
    expect(closed).toBe(false);
    build.end({ type: 'aborted' });
    await Promise.all(twice);
    expect(scene.recording.offered).toEqual([]);
    expect(scene.recording.listeners).toBe(0);
    scene.recording.tell((it) => it.push('c3'));
    await quiet();
    expect(yard.processes).toHaveLength(1);
    await engine.close();
  });

  test('during a start that cannot store leaves nothing behind', async () => {
    await line([PLAIN], (it) => it.line.push('a1'));
    scene.recording.broken = true;
    const started = engine.start();
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    await engine.close();
    await started;
    expect(scene.recording.listeners).toBe(0);
  });
});
