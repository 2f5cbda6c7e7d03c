import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NONCE_VARIABLE } from './environment.ts';
import { kinByNonce, kinOfRun } from './kin.ts';
import { openProcessTable } from './process_table.ts';
import { SWEEP_GRACE_MS, TERM_GRACE_MS } from './runner.ts';
import type { Fixture } from './runner_fixture.ts';
import { isAlive, listen, openFixture, pidIn } from './runner_fixture.ts';

const linux = test.skipIf(!existsSync('/proc/self/stat'));
const QUIET = '</dev/null >/dev/null 2>&1';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.cleanUp());

linux('a script that ignores TERM is killed after the grace, with its grandchild', async () => {
  const script = `trap '' TERM; sh -c "trap '' TERM; sleep 1000; :" & echo "child=$!"; echo "self=$$"; while :; do sleep 1000; done`;
  const { spec, heard } = listen(fixture.folder, script, { timeout_ms: 400 });
  const { end } = await fixture.runner().spawn(spec);
  expect(end).toEqual({ type: 'timeout', after_s: 0.4 });
  expect(isAlive(await pidIn(heard, 'self'))).toBe(false);
  expect(isAlive(await pidIn(heard, 'child'))).toBe(false);
});

linux('a script gets the grace to clean up, and what it says then is kept', async () => {
  const controller = new AbortController();
  const script = `trap 'echo "cleaning up"; exit 0' TERM; echo ready; while :; do sleep 0.05; done`;
  const { spec, heard } = listen(fixture.folder, script, { signal: controller.signal });
  const run = fixture.runner({ grace_ms: 10_000 }).spawn(spec);
  await heard.line(/ready/);
  controller.abort();
  expect((await run).end).toEqual({ type: 'aborted' });
  expect(heard.text()).toContain('cleaning up\n');
});

linux('a child that left the group by setsid is found by its nonce', async () => {
  const controller = new AbortController();
  const script = `setsid sh -c 'echo "away=$$"; trap "" TERM; while :; do sleep 1000; done' & wait`;
  const { spec, heard } = listen(fixture.folder, script, { signal: controller.signal });
  const run = fixture.runner().spawn(spec);
  const away = await pidIn(heard, 'away');
  controller.abort();
  await run;
  expect(isAlive(away)).toBe(false);
});

linux('what a script leaves running is ended after a normal exit too, in and out of its group', async () => {
  const script = `sleep 1000 ${QUIET} & echo "near=$!"; setsid sleep 1000 ${QUIET} & echo "away=$!"; exit 0`;
  const { spec, heard } = listen(fixture.folder, script);
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  expect(isAlive(await pidIn(heard, 'near'))).toBe(false);
  expect(isAlive(await pidIn(heard, 'away'))).toBe(false);
  expect(fixture.reports).toEqual([]);
});

linux('a child without the nonce is still ended by the group', async () => {
  const { spec, heard } = listen(fixture.folder, `env -i /bin/sleep 1000 ${QUIET} & echo "near=$!"; exit 0`);
  await fixture.runner().spawn(spec);
  expect(isAlive(await pidIn(heard, 'near'))).toBe(false);
});

linux('a grandchild that keeps stdout open does not keep the run open', async () => {
  const { spec, heard } = listen(fixture.folder, 'sleep 1000 & echo "near=$!"; echo last; exit 5');
  const { end, elapsed_s } = await fixture.runner().spawn(spec);
  expect(end).toEqual({ type: 'exit', code: 5 });
  expect(heard.text()).toMatch(/last\n$/);
  expect(elapsed_s).toBeLessThan(10);
  expect(isAlive(await pidIn(heard, 'near'))).toBe(false);
});

linux('what is written just after the exit, by a child that then ends by itself, is kept', async () => {
  const { spec, heard } = listen(fixture.folder, '(sleep 0.1; echo after) & exit 0');
  await fixture.runner().spawn(spec);
  expect(heard.text()).toBe('after\n');
});

linux('a service that a restart script starts survives the end of the run, the sweep and the close', async () => {
  const runner = fixture.runner();
  const { spec, heard } = listen(fixture.folder, `setsid sleep 1000 ${QUIET} & echo "service=$!"`, { leaves_service: true });
  expect((await runner.spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  const service = await pidIn(heard, 'service');
  fixture.survivors.push(service);
  expect(await fixture.runner().sweepLeftovers()).toBe(0);
  await runner.close();
  expect(isAlive(service)).toBe(true);
  expect(await readFile(`/proc/${service}/environ`, 'utf8')).not.toContain(NONCE_VARIABLE);
});

linux("a service in the script's own group survives too when the script ends by itself", async () => {
  const { spec, heard } = listen(fixture.folder, `sleep 1000 ${QUIET} & echo "service=$!"`, { leaves_service: true });
  await fixture.runner().spawn(spec);
  const service = await pidIn(heard, 'service');
  fixture.survivors.push(service);
  expect(isAlive(service)).toBe(true);
});

linux('a restart script that hangs is ended with its group, but what it set apart lives on', async () => {
  const script = `setsid sleep 1000 ${QUIET} & echo "service=$!"; sleep 1000 & echo "near=$!"; wait`;
  const { spec, heard } = listen(fixture.folder, script, { leaves_service: true, timeout_ms: 500 });
  const run = fixture.runner().spawn(spec);
  const service = await pidIn(heard, 'service');
  fixture.survivors.push(service);
  expect((await run).end).toEqual({ type: 'timeout', after_s: 0.5 });
  expect(isAlive(await pidIn(heard, 'near'))).toBe(false);
  expect(isAlive(service)).toBe(true);
});

linux('a restart script whose service holds the output open still ends, and the server says so', async () => {
  const { spec, heard } = listen(fixture.folder, 'setsid sleep 1000 & echo "service=$!"', { leaves_service: true });
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  fixture.survivors.push(await pidIn(heard, 'service'));
  expect(fixture.reports).toEqual([expect.stringContaining('holds its output open')]);
});

linux('a service that chatters on for ever does not keep its restart script from ending', async () => {
  const { spec, heard } = listen(fixture.folder, `setsid sh -c 'echo "service=$$"; exec yes' & sleep 0.1`, { leaves_service: true });
  expect((await fixture.runner().spawn(spec)).end).toEqual({ type: 'exit', code: 0 });
  fixture.survivors.push(await pidIn(heard, 'service'));
});

linux('the boot sweep ends what an earlier life of this folder left, and spares strangers and this life', async () => {
  const earlier = fixture.runner();
  const stranger = fixture.runner({ folder: join(fixture.folder, 'another') });
  const now = fixture.runner();
  const script = `setsid sleep 1000 ${QUIET} & echo "away=$!"; cat /proc/self/environ | tr '\\0' '\\n' | grep ${NONCE_VARIABLE}; wait`;
  const controller = new AbortController();
  const runs = [earlier, stranger, now].map((runner) => {
    const { spec, heard } = listen(fixture.folder, script, { signal: controller.signal });
    return { done: runner.spawn(spec), heard };
  });
  const [left, theirs, ours] = await Promise.all(runs.map((run) => pidIn(run.heard, 'away')));
  const nonces = await Promise.all(runs.map(async (run) => (await run.heard.line(/NONCE=(\w+)\./))[1]));
  expect(nonces[0]).toBe(nonces[2]);
  expect(nonces[0]).not.toBe(nonces[1]);

  expect(await now.sweepLeftovers()).toBeGreaterThanOrEqual(2);
  expect([left, theirs, ours].map((pid) => isAlive(pid ?? 0))).toEqual([false, true, true]);
  controller.abort();
  await Promise.all(runs.map((run) => run.done));
});

linux('a process that merely has the number of an ended run gets no signal', async () => {
  const table = openProcessTable('/proc');
  if (!table) throw new Error('no /proc');
  const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  await once(bystander, 'spawn');
  const pid = bystander.pid ?? 0;
  fixture.survivors.push(pid);
  const started = table.started(pid) ?? 0;
  const itself = kinOfRun(table, { pid, started, nonce: null });
  expect(await itself.look()).toEqual([pid]);
  const namesake = kinOfRun(table, { pid, started: started - 1, nonce: null });
  expect(await namesake.look()).toEqual([]);
});

linux('after kill -9 of the server its run is swept at the next boot, the service it restarted is not', async () => {
  const program = `
    import { createRunner } from ${JSON.stringify(import.meta.resolve('./runner.ts'))};
    import { systemClock } from ${JSON.stringify(import.meta.resolve('../clock.ts'))};
    const runner = createRunner({ clock: systemClock, report: console.error, folder: process.argv[1], env: process.env });
    const run = (script, leaves_service) => runner.spawn({ name: 'x', script, leaves_service, cwd: '/', env: {}, timeout_ms: 60_000,
      output: (data) => void process.stdout.write(data), signal: new AbortController().signal });
    await run('setsid sleep 1000 ${QUIET} & echo "service=$!"', true);
    await run('echo "run=$$"; sleep 1000', false);`;
  const server = spawn(process.execPath, ['--input-type=module', '-e', program, join(fixture.folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await expect.poll(() => /service=\d+\n.*run=\d+\n/s.test(text), { timeout: 10_000 }).toBe(true);
  const [service = 0, run = 0] = [...text.matchAll(/=(\d+)/g)].map((found) => Number(found[1]));
  fixture.survivors.push(service, run);
  server.kill('SIGKILL');
  await once(server, 'exit');

  expect(await fixture.runner().sweepLeftovers()).toBeGreaterThanOrEqual(1);
  expect(isAlive(run)).toBe(false);
  expect(isAlive(service)).toBe(true);
});

linux('orphans that ignore TERM, grandchildren and set apart, are gone within 5 s of a start with the usual grace', async () => {
  // The script is deaf as well, so that the runner that began it sees no end and ends nothing itself.
  const deaf = 'trap "" TERM; while :; do sleep 1000; done';
  const script = `trap "" TERM; sh -c '${deaf}' ${QUIET} & echo "near=$!"; setsid sh -c '${deaf}' ${QUIET} & echo "away=$!"; ${deaf}`;
  const { spec, heard } = listen(fixture.folder, script);
  const run = fixture.runner().spawn(spec);
  const orphans = await Promise.all([pidIn(heard, 'near'), pidIn(heard, 'away')]);
  const began = performance.now();
  expect(await fixture.runner({ grace_ms: TERM_GRACE_MS }).sweepLeftovers()).toBeGreaterThanOrEqual(2);
  expect(performance.now() - began).toBeGreaterThan(SWEEP_GRACE_MS);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(orphans.map(isAlive)).toEqual([false, false]);
  await run;
});

linux('a stranger that got the number of an orphan between the look and the signal gets none', async () => {
  const table = openProcessTable('/proc');
  if (!table) throw new Error('no /proc');
  const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  await once(stranger, 'spawn');
  const pid = stranger.pid ?? 0;
  fixture.survivors.push(pid);
  const started = table.started(pid) ?? 0;
  const orphan = { pid, group: pid, session: pid, started: started - 1, nonce: 'earlier.1' };
  // The look saw an orphan with this number, which ended; when the signal is sent the number is the stranger's.
  const kin = kinByNonce({ look: async () => [orphan], started: (of) => table.started(of) }, (nonce) => nonce.startsWith('earlier.'));
  expect(await kin.look()).toEqual([pid]);
  for (const name of ['SIGTERM', 'SIGKILL'] as const) kin.signal([pid], name, true);
  // One that does get its signal, and gets it later: when it is gone, the stranger would be gone as well.
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(other, 'spawn');
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(isAlive(pid)).toBe(true);
  // And one whose nonce is another's is none of ours, whatever its number.
  const foreign = kinByNonce(
    { look: async () => [{ ...orphan, started, nonce: 'other.1' }], started: (of) => table.started(of) },
    (nonce) => nonce.startsWith('earlier.'),
  );
  expect(await foreign.look()).toEqual([]);
  // The same look with the right start does reach it: the guard is the start time and nothing else.
  const same = kinByNonce({ look: async () => [{ ...orphan, started }], started: (of) => table.started(of) }, (nonce) =>
    nonce.startsWith('earlier.'),
  );
  await same.look();
  same.signal([pid], 'SIGKILL', true);
  await expect.poll(() => isAlive(pid)).toBe(false);
});
