/** SIGTERM at any moment: while it starts, builds, deploys, and with viewers that do not read. */
import { setTimeout as pause } from 'node:timers/promises';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { runsInFlight } from '../kit/history_rules.ts';
import { processesOf } from '../kit/line_processes.ts';
import { median } from '../kit/median.ts';
import { PlainViewer } from '../kit/plain_viewer.ts';
import { ServerUnderLoad } from '../kit/server_under_load.ts';

/** DESIGN: exit within 15 s; more is the machine's. */
const EXIT_WITHIN_MS = 15_500;
const START_MS = 1_200;
const REACHED_WITHIN_MS = 20_000;
const LIVES = 8;
const LOOK_AGAIN_MS = 25;
const GOING_AWAY = 1001;

export const faultCase: FaultCase = {
  name: 'SIGTERM at any moment: viewers are told, children are ended, nothing is lost, and it exits in time',
  quick: 1,
  long: 60,
  red_runs: 1,
  needs: 'proc',
  deadline_ms: 1_800_000,
  run: stopAnywhere,
  guards: [
    {
      name: 'viewers are told',
      file: 'server/gateway/gateway.ts',
      find: "for (const ws of sockets) ws.close(CLOSE.going_away, 'the server shuts down');",
      replace: 'for (const ws of sockets) ws.terminate();',
    },
    {
      name: 'a stop ends what runs',
      file: 'server/pipeline/engine/engine.ts',
      find: "for (const { abort } of this.#active.values()) abort.abort(new Error('the server stops'));",
      replace: '',
    },
  ],
};

type Moment = 'building' | 'deploying' | 'starting' | 'under load' | 'right after a start';
const MOMENTS: readonly Moment[] = ['building', 'deploying', 'starting', 'under load', 'right after a start'];

async function stopAnywhere({ runs, seed }: Asked): Promise<Found> {
  const random = seeded(seed);
  const violations: string[] = [];
  const exits_ms: number[] = [];
  for (let done = 0; done < runs && violations.length < 20;) {
    const house = await ServerUnderLoad.make(seed * 1_000 + done);
    try {
      house.watch();
      for (let life = 0; life < LIVES && done < runs; life++, done++) {
        const moment = MOMENTS[done % MOMENTS.length] ?? 'under load';
        const say = (what: string): void => void violations.push(`seed ${seed}, run ${done + 1}, ${moment}: ${what}`);
        const stalled = await reach(moment, house, random);
        const { ms, found } = await stop(house, moment);
        exits_ms.push(ms);
        for (const each of found) say(each);
        stalled?.socket?.drop();
        for (const what of HELD) await house.line.release(what);
        await house.operators.end();
        await house.start();
        await house.repeatCommands(3);
        for (const each of [...(await house.orphans()), ...(await house.check())]) say(each);
        await house.server.stop();
      }
    } finally {
      violations.push(...(await house.remove()));
    }
  }
  const slowest = Math.round(Math.max(...exits_ms));
  return { runs, violations, figure: `exit after ${Math.round(median(exits_ms))} ms (median), ${slowest} ms (slowest)` };
}

const HELD = ['build', 'restart-staging-1'] as const;

/** @returns a viewer that does not read, where there is one. */
async function reach(moment: Moment, house: ServerUnderLoad, random: ReturnType<typeof seeded>): Promise<PlainViewer | null> {
  switch (moment) {
    case 'starting':
      house.spawn();
      await pause(random.below(START_MS));
      return null;
    case 'right after a start':
      await house.start();
      return null;
    case 'under load':
      await house.start();
      house.press();
      house.push();
      await pause(random.below(2_000));
      return stalledViewer(house);
    case 'building':
      await house.line.hold('build');
      await house.start();
      await house.pushRelease();
      await inFlight(house, 'build_start');
      house.press();
      return null;
    case 'deploying':
      await house.line.hold('restart-staging-1');
      await house.start();
      await house.pushRelease();
      await inFlight(house, 'deploy_start');
      return stalledViewer(house);
    default:
      return moment satisfies never;
  }
}

async function stalledViewer(house: ServerUnderLoad): Promise<PlainViewer> {
  const viewer = await new PlainViewer('a stalled viewer').connect(house.port, 0);
  viewer.stopReading();
  return viewer;
}

/** Waits for a run that the script holds; one that does not come makes an ordinary moment of it. */
async function inFlight(house: ServerUnderLoad, kind: string): Promise<void> {
  const deadline = performance.now() + REACHED_WITHIN_MS;
  while (performance.now() < deadline) {
    const log = await house.log();
    const open = runsInFlight(log);
    if (log.some((envelope) => envelope.kind === kind && 'run_id' in envelope && open.has(Number(envelope.run_id)))) return;
    await pause(LOOK_AGAIN_MS);
  }
}

async function stop(house: ServerUnderLoad, moment: Moment): Promise<{ ms: number; found: string[] }> {
  const { server } = house;
  const found: string[] = [];
  const began = performance.now();
  server.signal('SIGTERM');
  const alive = new AbortController();
  const late = pause(EXIT_WITHIN_MS, 'late' as const, { signal: alive.signal }).catch(() => 'late' as const);
  const end = await Promise.race([server.gone, late]);
  alive.abort();
  const ms = performance.now() - began;
  if (end === 'late') {
    found.push(`it did not exit within ${EXIT_WITHIN_MS} ms`);
    await server.kill();
  } else if (end.code !== 0 && !(moment === 'starting' && end.signal === 'SIGTERM'))
    found.push(`it ended with ${end.code ?? end.signal}: ${server.printed.slice(-400)}`);
  if (moment !== 'starting') {
    for (const viewer of house.viewers) {
      const code = viewer.lastClosed?.code;
      if (code !== GOING_AWAY) found.push(`${viewer.name} was closed with ${code}, not with ${GOING_AWAY}`);
    }
  }
  for (const { command } of processesOf(house.line.folder).filter(({ isOfRun }) => isOfRun)) found.push(`left running: ${command}`);
  return { ms, found };
}
