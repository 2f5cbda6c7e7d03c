/**
 * kill -9 and start again over a long history. From a snapshot it is quick, and from one that must not be believed it is right all the same.
 * The long share measures over a million events; what lies is tried over a short history, because refusing it costs a refold each time.
 */
import { availableParallelism, loadavg } from 'node:os';
import { BootHouse, type Start } from '../boot/boot_house.ts';
import { LIES, type Lie } from '../boot/lying_snapshot.ts';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { median } from '../kit/median.ts';

const LONG_EVENTS = 1_000_000;
const SHORT_EVENTS = 20_000;
/** Repetitions from which on the long history is built. */
const LONG_FROM_RUNS = 10;
const READY_TARGET_MS = 3_000;
/** Runs asked for by number each time, the forgotten ones included. */
const SAMPLED_RUNS = 5;

/** In the order in which few repetitions are best spent. */
const COURSES: readonly (Lie | 'a usable snapshot')[] = [
  'another fold',
  'a usable snapshot',
  ...LIES.filter((lie) => lie !== 'another fold'),
];

async function run({ runs, seed }: Asked): Promise<Found> {
  const violations: string[] = [];
  const short = await courses(SHORT_EVENTS, COURSES.slice(0, runs), seed, violations);
  if (runs < LONG_FROM_RUNS) return { runs, violations, figure: figureOf(short, SHORT_EVENTS) };
  const usable = Array.from({ length: runs - COURSES.length }, () => 'a usable snapshot' as const);
  const long = await courses(LONG_EVENTS, usable, seed + 1, violations);
  violations.push(...tooSlow(long));
  return { runs, violations, figure: figureOf(long, LONG_EVENTS) };
}

/** On a machine that has more to do than it has cores the time on the wall says nothing of the server; the processor time still does. */
function tooSlow(starts: readonly Start[]): string[] {
  const busy = (loadavg()[0] ?? 0) > availableParallelism();
  const taken_ms = Math.round(median(starts.map((start) => (busy ? start.cpu_ms : start.ready_ms))));
  if (taken_ms <= READY_TARGET_MS) return [];
  return [`ready after ${taken_ms} ms${busy ? ' of processor time' : ''} (median of ${starts.length}), more than ${READY_TARGET_MS} ms`];
}

function figureOf(starts: readonly Start[], events: number): string {
  const of = (what: (start: Start) => number): number => Math.round(median(starts.map(what)));
  const [ready_ms, cpu_ms] = [of((start) => start.ready_ms), of((start) => start.cpu_ms)];
  return `ready ${ready_ms} ms after the spawn with ${cpu_ms} ms of processor time (medians of ${starts.length}, over ${events.toLocaleString('en')} events)`;
}

/** @returns the starts from a usable snapshot. */
async function courses(events: number, wanted: readonly (typeof COURSES)[number][], seed: number, violations: string[]): Promise<Start[]> {
  const random = seeded(seed);
  const house = await BootHouse.build(events, seed);
  const starts: Start[] = [];
  const tell = (course: string, wrong: readonly string[]): void =>
    void violations.push(...wrong.map((each) => `seed ${seed}, ${course}: ${each}`));
  try {
    const first = await house.start();
    tell('no snapshot', wrongOf(first, events));
    await house.untilSnapshot();
    tell('no snapshot', await house.lookAndKill([1]));
    for (const [n, course] of wanted.entries()) {
      if (violations.length > 0) break;
      if (course === 'a usable snapshot') await house.growToTheNextSnapshot();
      else house.lie(course);
      const start = await house.start();
      if (course === 'a usable snapshot') starts.push(start);
      else if (start.folded < events) tell(course, [`it was believed: only ${start.folded} events were read`]);
      await house.command(`key-${n}`);
      await house.untilSnapshot();
      const sample = Array.from({ length: SAMPLED_RUNS }, () => Math.max(1, house.lastRun - random.below(Math.min(house.lastRun, 15_000))));
      tell(course, await house.lookAndKill(sample));
    }
  } finally {
    await house.remove();
  }
  return starts;
}

/** A start over the whole log is seen to come along. */
function wrongOf({ progress, folded }: Start, events: number): string[] {
  const wrong: string[] = [];
  if (folded < events) wrong.push(`only ${folded} of ${events} events were read`);
  const done = progress.map((each) => each.done);
  if (!done.some((each) => each > 0 && each < events))
    wrong.push(`nobody was told how far it was: ${JSON.stringify(progress.slice(0, 5))}`);
  if (done.some((each, at) => each < (done[at - 1] ?? 0))) wrong.push('it went back');
  return wrong;
}

const STORE = 'server/snapshots/snapshot_store.ts';

export const faultCase: FaultCase = {
  name: 'after kill -9 a long history is ready in 3 s, and no snapshot is believed that the log does not bear out',
  quick: 2,
  long: 14,
  red_runs: COURSES.length,
  deadline_ms: 2_400_000,
  run,
  guards: [
    {
      name: 'a snapshot of another fold is refused',
      file: STORE,
      find: 'if (header.fold_version !== FOLD_VERSION)',
      replace: 'if (false)',
    },
    {
      name: 'a snapshot of another protocol is refused',
      file: STORE,
      find: 'if (header.protocol !== PROTOCOL_VERSION)',
      replace: 'if (false)',
    },
    {
      name: 'a snapshot of another epoch is refused',
      file: STORE,
      find: 'if (header.epoch !== this.#log.bounds().epoch)',
      replace: 'if (false)',
    },
    {
      name: 'a snapshot of another history is refused',
      file: STORE,
      find: 'if ((await this.#idAt(header.seq_no)) !== header.id)',
      replace: 'if (false)',
    },
    { name: 'a damaged snapshot is refused', file: STORE, find: 'if (!isWhole(file))', replace: 'if (false)' },
    {
      name: 'the keys of the last day come with the snapshot',
      file: 'server/recorder/boot.ts',
      find: 'for (const [key, entry] of from?.keys ?? []) keys.add(key, entry, now_ms);',
      replace: '',
    },
    {
      name: 'the runs come with the snapshot',
      file: 'server/app/history.ts',
      find: 'if (from !== null) runs.restore(from.runs, from.state);',
      replace: '',
    },
    { name: 'who asks is answered while history is read', file: 'server/recorder/boot.ts', find: 'await nextTurn();', replace: '' },
  ],
};
