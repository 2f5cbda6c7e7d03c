/**
 * 50 viewers lose their links and come back, over and over, while 2,000 events a second are recorded; often twice in a row, the second time
 * in the middle of being caught up. Every event reaches each of them once, in order: none twice, none left out. At the end one that was
 * away for 10,000 events is caught up, as a figure.
 */
import { isDeepStrictEqual } from 'node:util';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse } from '../kit/delivery_house.ts';
import { Load } from '../kit/delivery_load.ts';
import { median } from '../kit/median.ts';
import { Viewer } from '../kit/viewer.ts';

const VIEWERS = 50;
/** The others look at the numbers alone. */
const FOLDING = 3;
const EVENTS_PER_S = 2_000;
/** Recorded for each time they come. */
const EVENTS_A_TIME = 1_500;
const AWAY_EVENTS = 10_000;
const AWAY_TIMES = 5;
const CAUGHT_UP_WITHIN_MS = 500;
/** A link is kept for so many events, at most. */
const KEPT_EVENTS = 300;

/** Comes back `times` times. @returns ms each took until it was caught up. */
async function comeAndGo(
  viewer: Viewer,
  house: DeliveryHouse,
  times: number,
  last: number,
  random: ReturnType<typeof seeded>,
): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = viewer.replays.length;
    const began = performance.now();
    await viewer.connect(house.port);
    // Dropped at any moment: before the answer, within it, after it.
    if (random.below(4) === 0) continue;
    await viewer.until(`${viewer.name} to be caught up`, () => viewer.replays.length > before || viewer.closed !== null);
    took.push(performance.now() - began);
    const enough = Math.min(viewer.upto + random.below(KEPT_EVENTS), last);
    if (random.below(3) > 0) await viewer.until(`${viewer.name} to reach ${enough}`, () => viewer.upto >= enough || viewer.closed !== null);
  }
  return took;
}

/** Each event once and in order; a step forward only by a snapshot. */
function judge(viewer: Viewer): string[] {
  const wrong = [...viewer.violations];
  for (const [i, seq_no] of viewer.seqs.entries()) {
    const before = viewer.seqs[i - 1] ?? 0;
    if (seq_no <= before) wrong.push(`${viewer.name}: event ${seq_no} after event ${before}`);
    else if (seq_no > before + 1 && viewer.snapshots === 0) wrong.push(`${viewer.name}: events ${before + 1} to ${seq_no - 1} are missing`);
  }
  return wrong.slice(0, 3);
}

async function caughtUpAfter(house: DeliveryHouse, events: number): Promise<number> {
  const viewer = new Viewer('one that was away');
  const { head, epoch } = house.log.bounds();
  const after = head - events;
  const id = (await house.log.read(after - 1, 1)).envelopes[0]?.id ?? null;
  Object.assign(viewer, { position: { epoch, after, id } });
  const began = performance.now();
  await viewer.connect(house.port);
  await viewer.reached(head);
  viewer.drop();
  return performance.now() - began;
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const violations: string[] = [];
  const house = await DeliveryHouse.open();
  const viewers = Array.from({ length: VIEWERS }, (_, i) => new Viewer(`viewer ${i}`, { folds: i < FOLDING }));
  try {
    await house.recordMany(500);
    // One more for each at the end.
    const times = Math.max(1, Math.round(runs / VIEWERS) - 1);
    const load = new Load(house, EVENTS_PER_S, (times + 1) * EVENTS_A_TIME);
    const took = (
      await Promise.all(viewers.map((viewer, i) => comeAndGo(viewer, house, times, load.last, seeded(seed * 1_000 + i))))
    ).flat();
    // The last link may have been dropped: all are there when the load ends.
    for (const viewer of viewers) await viewer.connect(house.port);
    const rate = await load.over();
    for (const viewer of viewers) await viewer.until(`${viewer.name} to reach ${house.head}`, () => viewer.upto >= house.head);
    for (const [i, viewer] of viewers.entries()) {
      violations.push(...judge(viewer).map((each) => `seed ${seed}: ${each}`));
      if (i < FOLDING && !isDeepStrictEqual(viewer.state, house.recorder.state()))
        violations.push(`seed ${seed}: ${viewer.name} ends with another state`);
    }
    await house.recordMany(Math.max(0, AWAY_EVENTS - house.head + 1));
    const away: number[] = [];
    for (let i = 0; i < AWAY_TIMES; i++) away.push(await caughtUpAfter(house, AWAY_EVENTS));
    const away_ms = Math.round(median(away));
    if (away_ms > CAUGHT_UP_WITHIN_MS) violations.push(`${AWAY_EVENTS} missed events took ${away_ms} ms`);
    violations.push(...house.reports);
    const figure = [
      `${rate.toFixed(0)} events/s`,
      `resume p50 ${Math.round(median(took))} ms`,
      `${AWAY_EVENTS.toLocaleString('en')} missed: ${away_ms} ms`,
    ].join(', ');
    return { runs: (times + 1) * VIEWERS, violations, figure };
  } catch (error) {
    return { runs, violations: [...violations, `seed ${seed}: ${String(error)}`, ...viewers.flatMap(judge).slice(0, 10)] };
  } finally {
    for (const viewer of viewers) viewer.drop();
    await house.close();
  }
}

export const faultCase: FaultCase = {
  name: 'At 2,000 events a second nothing is missed or told twice by viewers that come and go',
  quick: 100,
  long: 1_000,
  run,
  guards: [{ name: 'dropping by number', file: 'server/gateway/tail.ts', find: 'if (missing < 0) continue;', replace: '' }],
  red_runs: 250,
};
