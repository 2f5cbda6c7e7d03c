/** kill -9 exactly at the n-th write, sync or rename of a file that matters, the checkpoint at the end included. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runPaths } from '../../../server/logstore/layout.ts';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { ServerUnderLoad } from '../kit/server_under_load.ts';
import { traced } from '../kit/strace.ts';

/** `?`: not every machine has all of them. */
const WRITES = ['write', 'pwrite64', 'pwritev', 'writev'];
const SYNCS = ['fsync', 'fdatasync'];
const MOVES = ['?rename', '?renameat', '?renameat2', '?symlink', '?symlinkat'];

interface Spot {
  name: string;
  calls: readonly string[];
  paths: (house: ServerUnderLoad, release: string, runs: readonly number[]) => string[];
  /** The n of the n-th call is 1 to this. */
  most: number;
  /** How the life ends when the call does not come: its own files are written when it stops. */
  stops?: boolean;
}

const inData =
  (...names: string[]): Spot['paths'] =>
  (house) =>
    names.map((name) => join(house.line.data, name));
const onNodes =
  (...names: string[]): Spot['paths'] =>
  (house) =>
    (['staging-1', 'staging-2', 'prod-1', 'prod-2'] as const).flatMap((node) => names.map((name) => join(house.line.nodeRoot(node), name)));
const ofRuns: Spot['paths'] = (house, _, runs) =>
  runs.flatMap((run_id) => {
    const { log, index, closed, meta } = runPaths(join(house.line.data, 'logs'), run_id);
    return [log, index, closed, meta];
  });

/** In the order of what they cost when they break; a quick share takes the first ones. */
const SPOTS: readonly Spot[] = [
  { name: 'a write to the WAL', calls: WRITES, paths: inData('events.db-wal'), most: 220 },
  { name: 'a sync of the WAL', calls: SYNCS, paths: inData('events.db-wal'), most: 50 },
  { name: 'a write to the anchor', calls: WRITES, paths: inData('anchor'), most: 50 },
  { name: 'a write to the database', calls: WRITES, paths: inData('events.db'), most: 12, stops: true },
  { name: 'a sync of the database or the anchor', calls: SYNCS, paths: inData('events.db', 'anchor'), most: 6, stops: true },
  { name: 'a write to a run log', calls: WRITES, paths: ofRuns, most: 4 },
  { name: 'a sync of a run log', calls: SYNCS, paths: ofRuns, most: 3 },
  {
    name: 'a release getting its name',
    calls: MOVES,
    paths: (house, release) => [join(house.line.data, 'releases/app', release)],
    most: 1,
  },
  {
    name: 'a release reaching a node',
    calls: MOVES,
    paths: (house, release) => onNodes(join('releases', release))(house, release, []),
    most: 2,
  },
  { name: 'the link of a node', calls: MOVES, paths: onNodes('current', '.current.next'), most: 4 },
  {
    name: 'the fence of a node',
    calls: [...MOVES, ...WRITES],
    paths: onNodes('.signalbox/fence.json', '.signalbox/fence.json.next'),
    most: 3,
  },
  { name: 'the server file', calls: MOVES, paths: inData('server.json'), most: 1 },
];

/** For the call to come, ms; a whole pass of the line takes about half of it. */
const LIFE_MS = 5_000;
const RUNS_AHEAD = 5;
const LIVES = 12;

export const faultCase: FaultCase = {
  name: 'kill -9 at the n-th write, sync or rename loses nothing and leaves nothing half done',
  quick: null,
  long: 60,
  red_runs: 1,
  needs: 'strace',
  deadline_ms: 1_800_000,
  run: atEachSpot,
  guards: [
    {
      name: 'what is answered, shown and acted on was stored before',
      file: 'server/recorder.ts',
      find: 'await this.#deps.log.append(batch.commits, { expect_head: this.#head.seq_no });',
      replace:
        '{ const expect_head = this.#head.seq_no; void nextTurn().then(() => this.#deps.log.append(batch.commits, { expect_head })); }',
    },
  ],
};

async function atEachSpot({ runs, seed }: Asked): Promise<Found> {
  const random = seeded(seed);
  const violations: string[] = [];
  let [hits, round, done] = [0, 0, 0];
  while (done < runs && violations.length < 20) {
    const house = await ServerUnderLoad.make(seed * 1_000 + round++);
    try {
      house.watch();
      for (let life = 0; life < LIVES && done < runs; life++, done++) {
        const spot = SPOTS[done % SPOTS.length];
        if (spot === undefined) break;
        const n = 1 + random.below(spot.most);
        const hit = await dieAt(house, spot, n);
        if (hit) hits++;
        await house.start();
        for (const each of await house.orphans()) violations.push(at(spot, n, each));
        await house.repeatCommands(3);
        for (const each of await house.check()) violations.push(at(spot, n, each));
        await house.server.kill();
      }
    } finally {
      violations.push(...(await house.remove()));
    }
  }
  return {
    runs: done,
    violations,
    figure: `${hits} of ${done} died at the very call, the others within the life in which it did not come`,
  };

  function at({ name }: Spot, n: number, what: string): string {
    return `seed ${seed}, life ${done + 1}, at ${name} (n = ${n}): ${what}`;
  }
}

/** @returns whether it was the call that killed it. */
async function dieAt(house: ServerUnderLoad, spot: Spot, n: number): Promise<boolean> {
  const release = await house.pushRelease();
  const highest = await house.highestRun();
  const runs = Array.from({ length: RUNS_AHEAD }, (_, i) => highest + 1 + i);
  const server = house.spawn({
    before: traced({ calls: spot.calls, paths: spot.paths(house, release, runs), do: { type: 'kill' }, from: n }),
  });
  // A write of the boot itself may be the one.
  const ready = await server.ready().then(
    () => true,
    () => false,
  );
  if (ready) {
    house.press();
    const alive = new AbortController();
    await Promise.race([
      server.gone,
      pause(spot.stops === true ? LIFE_MS / 5 : LIFE_MS, undefined, { signal: alive.signal }).catch(() => null),
    ]);
    alive.abort();
    await house.operators.end();
    if (spot.stops === true) await server.stop();
  }
  const hit = server.hasGone && (await server.gone).signal === 'SIGKILL';
  await server.kill();
  return hit;
}
