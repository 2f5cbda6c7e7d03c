/** Two servers on one data folder, in every order of starting, stopping and dying. */
import { setTimeout as pause } from 'node:timers/promises';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { ServerProcess } from '../kit/server_process.ts';
import { freePort } from '../../support/line.ts';
import { ServerUnderLoad } from '../kit/server_under_load.ts';

/** Longer than a start takes, so that the second one comes at any moment of it. */
const START_MS = 1_200;
const STOP_MS = 300;
const LIVES = 10;

export const faultCase: FaultCase = {
  name: 'a second server on the same data folder refuses to start',
  quick: 1,
  long: 40,
  red_runs: 1,
  needs: 'git',
  deadline_ms: 900_000,
  run: twoServers,
  guards: [
    {
      name: 'the lock of the data folder',
      file: 'server/eventlog/sqlite/lock.ts',
      find: "db.exec('BEGIN EXCLUSIVE');",
      replace: '',
    },
  ],
};

type Meeting = (house: ServerUnderLoad, other: number, random: ReturnType<typeof seeded>) => Promise<string[]>;
/** The first is what a quick share sees. */
const MEETINGS: readonly Meeting[] = [whileItRuns, whileItStarts, whileItStops, afterItDied];

async function twoServers({ runs, seed }: Asked): Promise<Found> {
  const random = seeded(seed);
  const violations: string[] = [];
  for (let done = 0; done < runs && violations.length < 20;) {
    const house = await ServerUnderLoad.make(seed * 1_000 + done);
    const other = await freePort();
    try {
      house.watch();
      for (let life = 0; life < LIVES && done < runs; life++, done++) {
        const found = (await MEETINGS[done % MEETINGS.length]?.(house, other, random)) ?? [];
        // Whoever is there now serves the whole history.
        if (!house.server.hasGone) found.push(...(await house.check()));
        await house.server.stop();
        violations.push(...found.map((each) => `seed ${seed}, run ${done + 1}: ${each}`));
      }
    } finally {
      violations.push(...(await house.remove()));
    }
  }
  return { runs, violations, figure: 'the second came while the first ran, started, stopped and after it had died' };
}

async function whileItRuns(house: ServerUnderLoad, other: number): Promise<string[]> {
  await house.start();
  house.press();
  const second = ServerProcess.spawn(house.line, other);
  const found = await refuses(second);
  await house.operators.end();
  await house.repeatCommands(3);
  return found;
}

/** Either may be the first at the lock. */
async function whileItStarts(house: ServerUnderLoad, other: number, random: ReturnType<typeof seeded>): Promise<string[]> {
  const first = house.spawn();
  await pause(random.below(START_MS));
  const second = ServerProcess.spawn(house.line, other);
  const [one, two] = await Promise.all([starts(first), starts(second)]);
  if (one && two) {
    await second.kill();
    return ['both servers started on one data folder'];
  }
  if (!one && !two) return [`neither server started: ${first.printed.slice(-500)} / ${second.printed.slice(-500)}`];
  if (one) return refuses(second);
  const found = await refuses(first);
  await second.stop();
  return found;
}

/** The second starts when the first has let go, or is refused before; never beside it. */
async function whileItStops(house: ServerUnderLoad, other: number, random: ReturnType<typeof seeded>): Promise<string[]> {
  const first = await house.start();
  house.press();
  await pause(100);
  first.signal('SIGTERM');
  await pause(random.below(STOP_MS));
  const second = ServerProcess.spawn(house.line, other);
  const started = await starts(second);
  const found = started ? [] : await refuses(second);
  if (started && !first.hasGone && (await first.status('/readyz')) === 200) found.push('both servers are ready on one data folder');
  await house.operators.end();
  await first.gone;
  await second.stop();
  return found;
}

async function afterItDied(house: ServerUnderLoad): Promise<string[]> {
  await house.start();
  house.press();
  house.push();
  await pause(300);
  await house.server.kill();
  await house.operators.end();
  await house.start();
  await house.repeatCommands(3);
  return [];
}

async function starts(server: ServerProcess): Promise<boolean> {
  try {
    await server.ready();
    return true;
  } catch {
    return false;
  }
}

/** Ends by itself, with a sentence that names the folder. */
async function refuses(server: ServerProcess): Promise<string[]> {
  if (await starts(server)) {
    await server.kill();
    return ['a second server started on the data folder of a running one'];
  }
  const { code } = await server.gone;
  const found: string[] = [];
  if (code !== 1) found.push(`the second server ended with ${code}: ${server.printed.slice(-500)}`);
  if (!/uses the data folder/.test(server.printed))
    found.push(`the second server does not say why it ended: ${server.printed.slice(-500)}`);
  return found;
}
