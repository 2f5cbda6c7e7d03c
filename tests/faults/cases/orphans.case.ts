/** What a build has left behind when the server dies: gone soon after the next start, and nobody else with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Asked, FaultCase, Found } from '../kit/case.ts';
import { processesOf, startOf, type LineProcess } from '../kit/line_processes.ts';
import { median } from '../kit/median.ts';
import { NONCE_VARIABLE } from '../../../server/runner/environment.ts';
import { ORPHANS_WITHIN_MS, ServerUnderLoad } from '../kit/server_under_load.ts';

const REACHED_WITHIN_MS = 20_000;
const LOOK_AGAIN_MS = 20;

/** A child, a grandchild, one in a session of its own, one there that does not listen to TERM; then the build goes on. */
const BUILD = `sleep 901 &
sh -c 'sleep 902 & wait' &
setsid sleep 903 </dev/null >/dev/null 2>&1 &
setsid sh -c 'trap "" TERM; while :; do sleep 904; done' </dev/null >/dev/null 2>&1 &
echo begun
sleep 905
`;
const SLEEPERS = ['sleep 901', 'sleep 902', 'sleep 903', 'sleep 904', 'sleep 905'];

export const faultCase: FaultCase = {
  name: `orphans of a killed server are gone within ${ORPHANS_WITHIN_MS / 1000} s of the next start; services and strangers stay`,
  quick: null,
  long: 12,
  red_runs: 1,
  needs: 'proc',
  run: leaveOrphans,
  guards: [
    {
      name: 'the sweep at a start',
      file: 'server/runner/runner.ts',
      find: '(nonce) => nonce.startsWith(earlier) && !nonce.startsWith(mine)',
      replace: '() => false',
    },
    {
      name: 'restart scripts carry no mark',
      file: 'server/runner/runner.ts',
      find: 'spec.leaves_service ? null : ',
      replace: '',
    },
  ],
};

async function leaveOrphans({ runs, seed }: Asked): Promise<Found> {
  const violations: string[] = [];
  const gone_ms: number[] = [];
  for (let done = 0; done < runs; done++) {
    const house = await ServerUnderLoad.make(seed * 1_000 + done);
    const strangers: ChildProcess[] = [];
    try {
      const say = (what: string): void => void violations.push(`seed ${seed}, run ${done + 1}: ${what}`);
      await house.start();
      await house.pushRelease();
      const services = await waitFor(
        house,
        (alive) => alive.filter(({ isOfRun, command }) => !isOfRun && command.includes('service.mjs')),
        2,
      );
      if (services.length < 2) say(`only ${services.length} of 2 services that restart scripts started are alive after their deploys`);
      strangers.push(stranger(house, {}), stranger(house, { [NONCE_VARIABLE]: `0123456789abcdef.${house.random.below(1e9)}` }));
      await pushBuild(house);
      const orphans = await waitFor(
        house,
        (alive) => alive.filter(({ isOfRun, command }) => isOfRun && SLEEPERS.includes(command)),
        SLEEPERS.length,
      );
      if (orphans.length < SLEEPERS.length)
        say(`the build did not start all its processes, only ${orphans.map(({ command }) => command).join(', ')}`);
      await house.server.kill();
      const began = performance.now();
      await house.start();
      for (const each of await house.orphans(strangers.map(({ pid }) => pid ?? 0))) say(each);
      gone_ms.push(performance.now() - began);
      for (const { pid, started, command } of services)
        if (startOf(pid) !== started) say(`a service that a restart script started is gone: ${command}`);
      for (const { pid, exitCode, signalCode } of strangers)
        if (startOf(pid ?? 0) === null) say(`a stranger was ended: ${exitCode ?? signalCode}`);
      for (const each of await house.check()) say(each);
    } finally {
      for (const each of strangers) each.kill('SIGKILL');
      violations.push(...(await house.remove()));
    }
  }
  return { runs, violations, figure: `the last orphan was gone ${Math.round(median(gone_ms))} ms after the start of the server (median)` };
}

/** A program of somebody else in the same place. */
function stranger(house: ServerUnderLoad, env: Record<string, string>): ChildProcess {
  return spawn('sleep', ['906'], { cwd: house.line.folder, stdio: 'ignore', env: { ...process.env, ...env } });
}

async function pushBuild(house: ServerUnderLoad): Promise<void> {
  const { line } = house;
  await line.commit({ version: '2.0.0' });
  await writeFile(join(line.work, 'build.sh'), BUILD);
  await line.git(['commit', '--quiet', '--all', '--amend', '--no-edit'], line.work);
  await line.git(['push', '--quiet', 'origin', 'main'], line.work);
}

async function waitFor(house: ServerUnderLoad, which: (alive: LineProcess[]) => LineProcess[], count: number): Promise<LineProcess[]> {
  const deadline = performance.now() + REACHED_WITHIN_MS;
  for (;;) {
    const found = which(processesOf(house.line.folder));
    if (found.length >= count || performance.now() > deadline) return found;
    await pause(LOOK_AGAIN_MS);
  }
}
