/**
 * Readers of the plain stream (`/events?after=`) that lose their connection and come back from where they were, while events are recorded: each
 * event once and in order, and what was trimmed is counted exactly before the first that is there. Without `after` it begins with what
 * happens next, without a hole from then on.
 */
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse, statesOf, trim } from '../kit/delivery_house.ts';
import { Load } from '../kit/delivery_load.ts';
import { PlainViewer } from '../kit/plain_viewer.ts';
import { Refused } from '../kit/web_socket.ts';

const READERS = 10;
const EVENTS_PER_S = 1_000;
const EVENTS_A_TIME = 200;

type Random = ReturnType<typeof seeded>;

async function comeAndGo(name: string, house: DeliveryHouse, times: number, last: number, random: Random): Promise<string[]> {
  let upto = random.below(house.head);
  const wrong: string[] = [];
  for (let i = 0; i <= times; i++) {
    const viewer = await new PlainViewer(name).connect(house.port, upto);
    const enough = i === times ? last : Math.min(upto + random.below(200), last);
    if (i === times || random.below(4) > 0) await viewer.reached(enough);
    viewer.socket?.drop();
    upto = viewer.upto ?? upto;
    wrong.push(...viewer.violations);
    if (viewer.lagged.length > 0) wrong.push(`${name}: was told that ${viewer.lagged.join()} are missing`);
  }
  return wrong;
}

/** From a place that was trimmed. */
async function fromBelow(house: DeliveryHouse, floor: number, random: Random): Promise<string[]> {
  const after = random.below(floor);
  const viewer = await new PlainViewer(`one after ${after}`).connect(house.port, after);
  try {
    await house.recordMany(2);
    await viewer.reached(house.head, 5_000);
    if (viewer.lagged.join() !== String(floor - after))
      viewer.violations.push(`${viewer.name}: told that ${viewer.lagged.join()} are missing, not ${floor - after}`);
    return viewer.violations;
  } finally {
    viewer.socket?.drop();
  }
}

/** From a place this log does not have. */
async function fromBeyond(house: DeliveryHouse): Promise<string[]> {
  try {
    const viewer = await new PlainViewer('one from beyond').connect(house.port, house.head + 5);
    viewer.socket?.drop();
    return [`${viewer.name} the head was let in, as if nothing were missing`];
  } catch (error) {
    return error instanceof Refused && error.status === 409 ? [] : [String(error)];
  }
}

async function fromNow(house: DeliveryHouse): Promise<string[]> {
  const before = house.head;
  const viewer = await new PlainViewer('one from now on').connect(house.port);
  try {
    await house.recordMany(5);
    await viewer.reached(house.head, 5_000);
    const first = viewer.items.find((item) => 'seq_no' in item);
    if (first === undefined || !('seq_no' in first) || first.seq_no !== before + 1)
      viewer.violations.push(`${viewer.name}: did not begin after ${before}`);
    return viewer.violations;
  } finally {
    viewer.socket?.drop();
  }
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const first = await DeliveryHouse.open();
  for (let n = 0; n < 20; n++) await first.recordMany(10);
  const states = statesOf(await first.all());
  await first.stop();
  const floor = trim(first.folder, 60);
  const trimmed = await DeliveryHouse.open({ folder: first.folder, ...(states[floor] === undefined ? {} : { initial: states[floor] }) });
  const house = await DeliveryHouse.open();
  const wrong: string[] = [];
  try {
    await house.recordMany(300);
    const times = Math.max(1, Math.round(runs / READERS) - 1);
    wrong.push(...(await fromNow(house)), ...(await fromBeyond(house)));
    const load = new Load(house, EVENTS_PER_S, times * EVENTS_A_TIME);
    const each = (_: unknown, i: number): Promise<string[]> => comeAndGo(`reader ${i}`, house, times, load.last, seeded(seed * 1_000 + i));
    wrong.push(...(await Promise.all(Array.from({ length: READERS }, each))).flat());
    await load.over();
    for (let n = 0; n < READERS; n++) wrong.push(...(await fromBelow(trimmed, floor, seeded(seed * 77 + n))));
    wrong.push(...house.reports, ...trimmed.reports);
  } catch (error) {
    wrong.push(String(error));
  } finally {
    await house.close();
    await trimmed.close();
  }
  return { runs, violations: wrong.map((each) => `seed ${seed}: ${each}`) };
}

export const faultCase: FaultCase = {
  name: 'The plain stream after a number gives each event once over any break, and counts what was trimmed',
  quick: 40,
  long: 500,
  run,
  guards: [
    {
      name: 'telling what was trimmed',
      file: 'server/gateway/plain_session.ts',
      find: 'this.#tellSkipped(floor - this.#feed.upto);',
      replace: '',
    },
    { name: 'the head check', file: 'server/gateway/upgrade.ts', find: 'Number(after) > door.head', replace: 'false' },
    { name: 'dropping by number', file: 'server/gateway/tail.ts', find: 'if (missing < 0) continue;', replace: '' },
  ],
  red_runs: 40,
};
