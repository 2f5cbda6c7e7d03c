import { chmod, mkdir, rm, symlink, utimes } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { GateConfig } from '../../config/config.ts';
import { GateId } from '../../../src/shared/protocol/ids.ts';
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import { openScene, writeFiles, type Scene, type SceneParts } from './engine_scene.ts';
import { gateRun } from './gate_run.ts';
import { workspaceOf } from './workspace.ts';

let scene: Scene;
afterEach(() => scene.close());

const id = GateId.parse('check');
const command = (run: string, junit: string | null = null): GateConfig => ({ id, kind: 'command', run, junit, timeout_ms: 20_000 });

/** A release in the host tier whose one gate runs next. */
async function upTo(gate: GateConfig, parts: Partial<SceneParts> = {}): Promise<void> {
  scene = await openScene({ tiers: [{ id: 'host', gates: [{ id: 'check', kind: gate.kind }] }], gates: [gate], ...parts });
  scene.line.push('a1').buildPassed();
  const { project, version } = scene.owed('gate');
  await mkdir(workspaceOf(scene.deps, project, version), { recursive: true });
}

const workspace = (): string => workspaceOf(scene.deps, 'hello', scene.owed('gate').version);

async function outcome(signal: AbortSignal = new AbortController().signal): Promise<Outcome> {
  const facts = await gateRun(scene.owed('gate'), scene.deps, signal);
  expect(facts).toEqual([
    { fact: 'gate_ended', project: 'hello', run_id: scene.owed('gate').run_id, outcome: expect.anything() as unknown },
  ]);
  const [fact] = facts;
  if (fact?.fact !== 'gate_ended') throw new Error('no outcome');
  return fact.outcome;
}

const log = (): Promise<string> => scene.logOf(scene.owed('gate').run_id);

describe('a command', () => {
  test('that ends with 0 passes, and its log is named with size and hash', async () => {
    await upTo(command('echo "3 passed" > here; cat here'));
    const { run_id } = scene.owed('gate');
    const stat = { bytes: expect.any(Number) as number, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string };
    expect(await outcome()).toMatchObject({
      status: 'passed',
      elapsed_s: expect.any(Number) as number,
      log_ref: `/api/v1/runs/${run_id}/log`,
      ...stat,
    });
    expect(existsSync(join(workspace(), 'here'))).toBe(true);
    expect(await log()).toContain('3 passed');
  });

  test('that ends otherwise fails with its code and the lines that say why', async () => {
    await upTo(command('echo "Error: it is broken"; exit 3'));
    expect(await outcome()).toMatchObject({
      status: 'failed',
      classification: { type: 'exit_code', code: 3, suspect: 'commit' },
      excerpt: ['Error: it is broken'],
    });
  });

  test('gets secrets and the run as variables only, as they are; the log and the excerpt show neither secret', async () => {
    const hostile = '"; echo hacked; "$(id)';
    const script = 'printf "Error: [%s] %s %s %s\\n" "$TOKEN" "$TIER" "$GATE" "$RELEASE"; exit 1';
    await upTo(command(script), { secrets: { TOKEN: hostile } });
    const spawn = vi.spyOn(scene.deps.runner, 'spawn');
    const { excerpt } = (await outcome()) as { excerpt: string[] };
    expect(spawn.mock.calls[0]?.[0]).toMatchObject({ script, env: { TOKEN: hostile, TIER: 'host', GATE: 'check' } });
    expect(excerpt).toEqual([`Error: [***] host check ${scene.deps.releases.path('hello', scene.owed('gate').version)}`]);
    expect(await log()).not.toContain('hacked; "$(id)');
  });

  test('whose workspace is gone is not run, and says what to do', async () => {
    await upTo(command('true'));
    await rm(workspace(), { recursive: true });
    const message = `The build workspace of ${scene.owed('gate').version} is gone. Rebuild the commit to run check again.`;
    expect(await outcome()).toMatchObject({
      status: 'failed',
      classification: { type: 'spawn', message, suspect: 'machine' },
      excerpt: [message],
    });
    expect(await log()).toContain(message);
  });

  test('that is no longer in the config fails without a log', async () => {
    await upTo(command('true'));
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [] });
    const ended = await outcome();
    expect(ended).toMatchObject({ status: 'failed', excerpt: ['hello is no longer in the config.'] });
    expect(ended).not.toHaveProperty('log_ref');
  });
});

describe('test reports', () => {
  const report = (failed: number): string =>
    `<testsuite tests="3" failures="${failed}">${[1, 2, 3].map((n) => `<testcase classname="sum" name="t${n}">${n <= failed ? '<failure message="1 is not 2"/>' : ''}</testcase>`).join('')}</testsuite>`;

  test('tell more than the exit code', async () => {
    await upTo(command(`mkdir -p reports; printf %s '${report(2)}' > reports/a.xml; exit 1`, 'reports/*.xml'));
    expect(await outcome()).toMatchObject({ status: 'failed', classification: { type: 'tests_failed', failed: 2, passed: 1 } });
  });

  test('tell no secret', async () => {
    const written = '<testsuite><testcase name="takes %s"><failure message="%s is refused"/></testcase></testsuite>';
    await upTo(command(`printf '${written}' "$TOKEN" "$TOKEN" > report.xml; exit 1`, 'report.xml'), { secrets: { TOKEN: 'hunter-22' } });
    expect(await outcome()).toMatchObject({
      classification: { type: 'tests_failed', names: ['takes ***'] },
      excerpt: ['takes ***: *** is refused'],
    });
  });

  test('count the tests of a run that passed', async () => {
    await upTo(
      command(`mkdir -p reports; printf %s '${report(0)}' > reports/a.xml; printf %s '${report(0)}' > reports/b.xml`, 'reports/*.xml'),
    );
    expect(await outcome()).toMatchObject({ status: 'passed', tests: { passed: 6, failed: 0 } });
  });

  test('of an earlier attempt do not count', async () => {
    await upTo(command('exit 1', 'reports/*.xml'));
    await writeFiles(workspace(), { 'reports/old.xml': report(2) });
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(workspace(), 'reports/old.xml'), hourAgo, hourAgo);
    expect(await outcome()).toMatchObject({ status: 'failed', classification: { type: 'exit_code', code: 1 } });
  });

  test.each([
    ['broken', (file: string) => writeFiles(join(file, '..'), { 'x.xml': '<testsuite><testcase' })],
    ['a link to nothing', (file: string) => symlink('nowhere', file)],
    ['a folder', (file: string) => mkdir(file)],
  ])('that are %s are said in the log, and the exit code decides', async (_what, make) => {
    await upTo(command('true', 'reports/*.xml'));
    await mkdir(join(workspace(), 'reports'));
    await make(join(workspace(), 'reports/x.xml'));
    expect(await outcome()).toMatchObject({ status: 'passed' });
    expect(await log()).toContain('reports/x.xml is not a test report that can be read: ');
    expect(scene.reports).toEqual([]);
  });
});

/** A service in plain Node, run by the pinned binary: the shell's `node` may be an old one. */
const SERVICE = `
import { createServer } from 'node:http';
createServer((_, response) => response.end('hello ' + process.env.VERSION)).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening, pid ' + process.pid));
`;

describe('a boot smoke', () => {
  const smoke = (run: string, more: { http?: string; expect?: string; within_ms?: number } = {}): GateConfig => ({
    id,
    kind: 'boot_smoke',
    run,
    http: 'http://127.0.0.1:$PORT/',
    expect: null,
    within_ms: 15_000,
    ...more,
  });
  const release = async (files: Readonly<Record<string, string>>): Promise<void> => {
    const folder = scene.deps.releases.path('hello', scene.owed('gate').version);
    await writeFiles(folder, files);
    await chmod(folder, 0o755);
  };

  test('passes when the release answers on the port it was given, and leaves no process behind', async () => {
    await upTo(smoke(`exec ${process.execPath} server.mjs`, { expect: '$VERSION' }));
    await release({ 'server.mjs': SERVICE });
    expect(await outcome()).toMatchObject({ status: 'passed' });
    const pid = Number(/pid (\d+)/.exec(await log())?.[1]);
    expect(pid).toBeGreaterThan(1);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('its script gets secrets, its address does not', async () => {
    await upTo(smoke('exit 4', { http: 'http://127.0.0.1:$PORT/$TOKEN' }), { secrets: { TOKEN: 'a-secret' } });
    await release({});
    const spawn = vi.spyOn(scene.deps.runner, 'spawn');
    const ended = await outcome();
    expect(spawn.mock.calls[0]?.[0].env).toMatchObject({ TOKEN: 'a-secret', PORT: expect.stringMatching(/^\d+$/) as string });
    expect(JSON.stringify(ended)).toContain('/$TOKEN');
    expect(JSON.stringify(ended)).not.toContain('a-secret');
  });

  test('an answer that is not the expected one is not enough', async () => {
    await upTo(smoke(`exec ${process.execPath} server.mjs`, { expect: 'another version', within_ms: 3000 }));
    await release({ 'server.mjs': SERVICE });
    const ended = await outcome();
    expect(ended).toMatchObject({
      status: 'failed',
      classification: {
        type: 'http',
        suspect: 'commit',
        message: expect.stringContaining('did not answer as expected within 3 s') as string,
      },
    });
  });

  test('an answer that tells a secret is told without it', async () => {
    await upTo(smoke(`exec ${process.execPath} server.mjs`, { expect: 'another', within_ms: 3000 }), { secrets: { TOKEN: 'hunter-22' } });
    await release({ 'server.mjs': SERVICE.replace('process.env.VERSION', 'process.env.TOKEN') });
    const ended = JSON.stringify(await outcome());
    expect(ended).toContain('200, hello ***');
    expect(ended).not.toContain('hunter-22');
  });

  test('fails at once when the process ends before it answered, with its last words', async () => {
    await upTo(smoke('echo "Error: no such port"; exit 4', { within_ms: 600_000 }));
    await release({});
    expect(await outcome()).toMatchObject({
      status: 'failed',
      classification: { type: 'exit_code', code: 4 },
      excerpt: [expect.stringMatching(/^It ended before it answered http:\/\/127\.0\.0\.1:\d+\/\.$/) as string, 'Error: no such port'],
    });
  });

  test('fails when nothing answers in time, and ends what it started', async () => {
    await upTo(smoke('echo "self=$$"; exec sleep 600', { within_ms: 400 }));
    await release({});
    expect(await outcome()).toMatchObject({
      status: 'failed',
      classification: {
        type: 'http',
        message: expect.stringMatching(/^(\S+) did not answer as expected within 0.4 s: connection refused/) as string,
      },
    });
    expect(await log()).toMatch(/— http:\/\/127\.0\.0\.1:\d+\/: connection refused/);
    const pid = Number(/self=(\d+)/.exec(await log())?.[1]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('a release folder that is missing is a sentence', async () => {
    await upTo(smoke('true'));
    expect(await outcome()).toMatchObject({ status: 'failed', classification: { type: 'spawn', suspect: 'machine' } });
  });
});

describe('an http check', () => {
  const check = (within_ms = 1000): GateConfig => ({
    id,
    kind: 'http_check',
    http: 'http://$NODE.internal/$TIER',
    expect: '$VERSION',
    within_ms,
  });

  test('asks every node, each at its own address, and stops at the first that fails', async () => {
    const asked: string[] = [];
    const tiers = [{ id: 'host', nodes: ['n1', 'n2', 'n3'], gates: [{ id: 'check', kind: 'http_check' as const }] }];
    scene = await openScene({ tiers, gates: [check(0)] });
    scene.deps.probe = async ({ http, expect: wanted }) => {
      asked.push(`${http} ${wanted}`);
      return http.includes('n2') ? { status: 'differs', detail: '200, old', body: 'old' } : { status: 'matching', detail: '200' };
    };
    scene.line.push('a1').buildPassed().deployOk('host', 'n1', 'n2', 'n3');
    const { version } = scene.owed('gate');
    expect(await outcome()).toMatchObject({
      status: 'failed',
      classification: { type: 'http', url: 'http://n2.internal/host', suspect: 'unknown' },
    });
    expect(asked).toEqual([`http://n1.internal/host ${version}`, `http://n2.internal/host ${version}`]);
  });

  test('its address and expectation get values, never secrets', async () => {
    const gate: GateConfig = { id, kind: 'http_check', http: 'http://$ZONE/?token=$TOKEN', expect: '$TOKEN', within_ms: 0 };
    await upTo(gate, { secrets: { TOKEN: 'a-secret' } });
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [{ ...scene.project, env: { ZONE: 'eu' } }] });
    scene.deps.probe = async ({ http, expect: wanted }) => ({ status: 'unreachable', detail: `${http}: ${wanted}` });
    const ended = await outcome();
    expect(ended).toMatchObject({ classification: { type: 'http', url: 'http://eu/?token=$TOKEN' } });
    expect(JSON.stringify(ended)).not.toContain('a-secret');
  });

  test('an answer without the expectation is asked for again until it is there', async () => {
    await upTo(check(10_000));
    const answers = ['unreachable', 'answers', 'differs', 'matching'] as const;
    let nth = 0;
    scene.deps.probe = async () => {
      const status = answers[nth++] ?? 'unreachable';
      return status === 'differs' ? { status, detail: 'old', body: 'old' } : { status, detail: status };
    };
    expect(await outcome()).toMatchObject({ status: 'passed' });
    expect(nth).toBe(4);
  });

  test('no single answer may take longer than the time that is left', async () => {
    await upTo(check(700));
    const limits: number[] = [];
    scene.deps.probe = async ({ timeout_ms }) => (limits.push(timeout_ms), { status: 'unreachable', detail: 'nobody' });
    expect(await outcome()).toMatchObject({ status: 'failed' });
    expect(limits.length).toBeGreaterThan(1);
    expect(Math.max(...limits)).toBeLessThanOrEqual(700);
  });

  test('an abort ends the asking', async () => {
    await upTo(check(600_000));
    const stop = new AbortController();
    scene.deps.probe = async () => (stop.abort(), { status: 'unreachable', detail: 'nobody' });
    expect(await outcome(stop.signal)).toMatchObject({ status: 'failed' });
  });
});
