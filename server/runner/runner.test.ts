import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Fixture } from './runner_fixture.ts';
import { isAlive, listen, openFixture, pidIn } from './runner_fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

test('an exit code arrives with the seconds it took, and both outputs in the order they were written', async () => {
  const { spec, heard } = listen(fixture.folder, 'echo one; echo two >&2; echo three; exit 3');
  const { end, elapsed_s } = await fixture.runner().spawn(spec);
  expect(end).toEqual({ type: 'exit', code: 3 });
  expect(elapsed_s).toBeGreaterThanOrEqual(0);
  expect(heard.text()).toBe('one\ntwo\nthree\n');
});

test('the seconds it took are right when the wall clock is set back meanwhile', async () => {
  let now_ms = Date.parse('2026-11-14T02:00:00.000Z');
  const clock = { ...systemClock, now: () => (now_ms -= 3_600_000) };
  const { elapsed_s } = await fixture.runner({ clock }).spawn(listen(fixture.folder, 'true').spec);
  expect(elapsed_s).toBeGreaterThan(0);
  expect(elapsed_s).toBeLessThan(600);
});

test('the script stops at the first command that fails', async () => {
  const { spec, heard } = listen(fixture.folder, 'false\necho never');
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 1 });
  expect(heard.text()).toBe('');
});

test('runs that say nothing and are over at once all end', async () => {
  const runner = fixture.runner();
  const ends = await Promise.all(Array.from({ length: 12 }, () => runner.spawn(listen(fixture.folder, 'true').spec)));
  expect(ends.map(({ end }) => end)).toEqual(ends.map(() => ({ type: 'exit', code: 0 })));
});

test('a script may write to /dev/stderr and /dev/stdout by name', async () => {
  const { spec, heard } = listen(fixture.folder, 'echo one >/dev/stderr; echo two >/dev/stdout');
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  expect(heard.text()).toBe('one\ntwo\n');
});

test('a signal that ended the script is named', async () => {
  const { spec } = listen(fixture.folder, 'kill -SEGV $$');
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'signal', name: 'SIGSEGV' });
});

test('started is told the pid while the script runs', async () => {
  const started = vi.fn();
  const { spec, heard } = listen(fixture.folder, 'echo "self=$$"', { started });
  await fixture.runner().spawn(spec);
  expect(started).toHaveBeenCalledExactlyOnceWith(await pidIn(heard, 'self'));
});

test('a caller that throws in started or output harms neither the run nor its end', async () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const { spec } = listen(fixture.folder, 'yes | head -c 500000; exit 4', { started: boom, output: boom });
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 4 });
  expect(fixture.reports.filter((line) => line.includes('boom'))).toHaveLength(2);
});

test('a secret of the server does not reach the script, what the run adds does', async () => {
  const { spec, heard } = listen(fixture.folder, 'env', { env: { VERSION: '1.0.0' } });
  await fixture.runner({ env: { ...process.env, DEPLOY_KEY: 'hunter2' } }).spawn(spec);
  expect(heard.text()).not.toContain('hunter2');
  expect(heard.text()).toMatch(/^VERSION=1\.0\.0$/m);
  expect(heard.text()).toMatch(/^SIGNALBOX_RUN_NONCE=[0-9a-f]{16}\.[0-9a-f]{32}$/m);
});

test('stdin is empty, so that a script that asks fails at once', async () => {
  const { spec, heard } = listen(fixture.folder, 'read answer || echo "nobody answers"');
  await fixture.runner().spawn(spec);
  expect(heard.text()).toBe('nobody answers\n');
});

test.each([
  ['a missing folder', { cwd: '/no/such/folder' }, /^The folder \/no\/such\/folder does not exist\.$/],
  ['a file as folder', { cwd: '/etc/hostname' }, /is not a folder\.$/],
  ['a NUL in the environment', { env: { A: 'x\0y' } }, /NUL character\.$/],
  ['a script too long for the system', { script: `: ${'x'.repeat(3_000_000)}` }, /too long for the system\.$/],
])('%s is a spawn end with a sentence', async (_what, over, sentence) => {
  const { spec } = listen(fixture.folder, 'true', over);
  const { end } = await fixture.runner().spawn(spec);
  expect(end).toEqual({ type: 'spawn', message: expect.stringMatching(sentence) as unknown });
});

test('a missing shell is a spawn end with a sentence', async () => {
  const { spec } = listen(fixture.folder, 'true');
  const { end } = await fixture.runner({ shell: '/no/such/sh' }).spawn(spec);
  expect(end).toEqual({ type: 'spawn', message: 'There is no shell at /no/such/sh.' });
});

test('200 MB of output pass through bounded memory while the consumer is slower than the writer', async () => {
  let bytes = 0;
  let taking = 0;
  let peak = 0;
  const before = process.memoryUsage().rss;
  const output = async (data: Buffer): Promise<void> => {
    expect(++taking).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    bytes += data.length;
    peak = Math.max(peak, process.memoryUsage.rss() - before);
    taking--;
  };
  const { spec } = listen(fixture.folder, 'yes signalbox | head -c 200000000', { output });
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  expect(bytes).toBe(200_000_000);
  expect(peak).toBeLessThan(100_000_000);
});

test('every read comes in the same memory', async () => {
  const memories = new Set<ArrayBufferLike>();
  let reads = 0;
  const output = (data: Buffer): void => {
    reads++;
    memories.add(data.buffer);
  };
  const { spec } = listen(fixture.folder, 'yes | head -c 2000000', { output });
  await fixture.runner().spawn(spec);
  expect(reads).toBeGreaterThan(10);
  expect(memories.size).toBe(1);
});

test('a writer waits while its consumer does', async () => {
  let free = (): void => undefined;
  const blocked = new Promise<void>((resolve) => (free = resolve));
  let first = true;
  let reads = 0;
  const { spec } = listen(fixture.folder, 'yes | head -c 2000000; touch done', {
    output: () => {
      reads++;
      if (!first) return;
      first = false;
      return blocked;
    },
  });
  const run = fixture.runner().spawn(spec);
  await expect.poll(() => first).toBe(false);
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBe(1);
  expect(existsSync(join(fixture.folder, 'done'))).toBe(false);
  free();
  expect((await run).end).toEqual({ type: 'exit', code: 0 });
  expect(existsSync(join(fixture.folder, 'done'))).toBe(true);
});

test('abort ends the group and says so; a run that was aborted before it began never starts', async () => {
  const controller = new AbortController();
  const runner = fixture.runner();
  const { spec, heard } = listen(fixture.folder, 'sleep 1000 & echo "child=$!"; wait', { signal: controller.signal });
  const run = runner.spawn(spec);
  const child = await pidIn(heard, 'child');
  controller.abort();
  expect((await run).end).toEqual({ type: 'aborted' });
  expect(isAlive(child)).toBe(false);

  const started = vi.fn();
  const late = listen(fixture.folder, 'true', { signal: controller.signal, started });
  expect((await runner.spawn(late.spec)).end).toEqual({ type: 'aborted' });
  expect(started).not.toHaveBeenCalled();
});

test('close ends everything that runs, twice without harm, and nothing starts after it', async () => {
  const runner = fixture.runner();
  const { spec, heard } = listen(fixture.folder, 'echo "self=$$"; sleep 1000');
  const run = runner.spawn(spec);
  const pid = await pidIn(heard, 'self');
  await Promise.all([runner.close(), runner.close()]);
  expect((await run).end).toEqual({ type: 'aborted' });
  expect(isAlive(pid)).toBe(false);
  expect((await runner.spawn(listen(fixture.folder, 'true').spec)).end).toEqual({ type: 'aborted' });
});

test('without /proc runs work, groups are ended, and the missing sweep is said once', async () => {
  const runner = fixture.runner({ proc_folder: join(fixture.folder, 'no-proc') });
  const { spec, heard } = listen(fixture.folder, 'trap "" TERM; sleep 1000 & echo "child=$!"; wait; sleep 1000', { timeout_ms: 300 });
  const run = runner.spawn(spec);
  const child = await pidIn(heard, 'child');
  expect((await run).end).toEqual({ type: 'timeout', after_s: 0.3 });
  expect(isAlive(child)).toBe(false);
  expect(await runner.sweepLeftovers()).toBe(0);
  expect(fixture.reports).toEqual([expect.stringContaining('no-proc')]);
});

test('the deadline follows the injected clock', async () => {
  const wakers: (() => void)[] = [];
  const clock = {
    now: () => 1_000,
    steady: () => 1_000,
    wakeAt: () => () => undefined,
    after: (ms: number, then: () => void) => (ms === 3_600_000 ? (wakers.push(then), () => undefined) : systemClock.after(0, then)),
  };
  const { spec, heard } = listen(fixture.folder, 'echo ready; sleep 1000', { timeout_ms: 3_600_000 });
  const run = fixture.runner({ clock }).spawn(spec);
  await heard.line(/ready/);
  for (const wake of wakers) wake();
  expect(await run).toEqual({ end: { type: 'timeout', after_s: 3600 }, elapsed_s: 0 });
});
