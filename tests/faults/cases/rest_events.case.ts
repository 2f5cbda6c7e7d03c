/**
 * The event log page by page over HTTP while it grows: with any page size and filter, whoever asks on from `upto` until that is `head` has every
 * event once. A place that is not in the log is refused with where the log is; an answer that looks complete is.
 */
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse, statesOf, told, trim } from '../kit/delivery_house.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';

interface Page {
  status: number;
  code?: string;
  epoch: string;
  floor: number;
  head: number;
  upto: number;
  /** Left out by a refusal. */
  items?: { seq_no: number; id: string; kind: string }[];
}

const RARE = 'merge_failure';
const rarely = (n: number): Event => (n % 40 === 7 ? { kind: RARE, story_id: `s${n}`, reason: 'r' } : told(n));

/** Commits of many events and of one. */
async function fill(house: DeliveryHouse): Promise<void> {
  for (let n = 0; n < 20; n++) {
    await house.record(...Array.from({ length: 7 }, (_, i) => rarely(n + i)));
    await house.recordMany(13, rarely);
  }
}

async function ask(house: DeliveryHouse, query: Record<string, string | number>): Promise<Page> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
  const response = await fetch(`${house.url}/api/v1/events?${search}`);
  return { ...((await response.json()) as Page), status: response.status };
}

/** Reads from a place of its own to the head. @returns what is wrong with it. */
async function readOn(house: DeliveryHouse, floor: number, random: ReturnType<typeof seeded>): Promise<string[]> {
  const filtered = random.below(3) === 0;
  let after = floor + random.below(house.head - floor + 1);
  const began = after;
  let position: Record<string, string> = {};
  const got: number[] = [];
  for (;;) {
    // Three of four say all they know of their place.
    const page = await ask(house, {
      after,
      limit: 1 + random.below(200),
      ...(filtered ? { kind: RARE } : {}),
      ...(random.below(4) > 0 ? position : {}),
    });
    if (page.status !== 200) return [`after ${after} of ${house.head}: ${page.status} ${page.code ?? ''}`];
    const items = page.items ?? [];
    got.push(...items.map(({ seq_no }) => seq_no));
    const last = items.at(-1);
    position = { epoch: page.epoch, ...(last !== undefined && last.seq_no === page.upto && page.upto > page.floor ? { id: last.id } : {}) };
    after = page.upto;
    if (random.below(8) === 0) await house.recordMany(random.below(5), rarely);
    if (page.upto === page.head) break;
  }
  const all = (await house.all()).filter(({ seq_no, kind }) => seq_no > began && seq_no <= after && (!filtered || kind === RARE));
  if (JSON.stringify(got) === JSON.stringify(all.map(({ seq_no }) => seq_no))) return [];
  return [`after ${began} it gave ${got.length} events up to ${after}, and there are ${all.length}`];
}

/** From places this log does not have. */
async function strange(house: DeliveryHouse, floor: number, random: ReturnType<typeof seeded>): Promise<string[]> {
  const { epoch, head } = house.log.bounds();
  const some = Math.min(head, floor + 2 + random.below(head - floor - 2));
  const asked: [string, Record<string, string | number>, number][] = [
    ['beyond the head', { after: head + 1 + random.below(1_000) }, 409],
    ['of another epoch', { after: some, epoch: `0-${random.below(9)}` }, 409],
    ['at another event', { after: some, epoch, id: crypto.randomUUID() }, 409],
    ...(floor === 0 ? [] : [['below the floor', { after: random.below(floor) }, 410] as [string, Record<string, number>, number]]),
  ];
  const wrong: string[] = [];
  for (const [what, query, status] of asked) {
    const page = await ask(house, query);
    if (page.status !== status) wrong.push(`${what}: ${page.status} with ${page.items?.length ?? 0} events`);
    else if (page.head !== head || page.floor !== floor || page.epoch !== epoch) wrong.push(`${what}: it does not say where the log is`);
  }
  return wrong;
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const violations: string[] = [];
  const random = seeded(seed);
  const first = await DeliveryHouse.open();
  await fill(first);
  const states = statesOf(await first.all());
  await first.stop();
  const floor = trim(first.folder, 100);
  const trimmed = await DeliveryHouse.open({ folder: first.folder, ...(states[floor] === undefined ? {} : { initial: states[floor] }) });
  const whole = await DeliveryHouse.open();
  try {
    await fill(whole);
    for (let n = 0; n < runs; n++) {
      const [house, its] = n % 2 === 0 ? [whole, 0] : [trimmed, floor];
      const wrong = [...(await readOn(house, its, random)), ...(await strange(house, its, random))];
      violations.push(...wrong.map((each) => `seed ${seed}, run ${n}: ${each}`));
    }
    violations.push(...whole.reports, ...trimmed.reports);
  } finally {
    await whole.close();
    await trimmed.close();
  }
  return { runs, violations };
}

const POSITION = 'server/http/reader_position.ts';

export const faultCase: FaultCase = {
  name: 'Pages of the event log are complete when they look complete, from any place, and refused from a place that is not in it',
  quick: 30,
  long: 500,
  run,
  guards: [
    { name: 'the head check', file: POSITION, find: 'seq_no > bounds.head', replace: 'false' },
    { name: 'the epoch check', file: POSITION, find: 'epoch !== null && epoch !== bounds.epoch', replace: 'false' },
    { name: 'the id check', file: POSITION, find: 'last?.id === id', replace: 'last !== undefined' },
    {
      name: 'the floor in the answer',
      file: 'server/http/log_routes.ts',
      find: 'go on from its seq_no.`, { ...bounds })',
      replace: 'go on from its seq_no.`)',
    },
    {
      name: 'how far was read',
      file: 'server/eventlog/collect.ts',
      find: 'return { envelopes, upto };\n    }',
      replace: 'return { envelopes, upto: commit.first_seq + commit.envelopes.length - 1 };\n    }',
    },
  ],
  red_runs: 30,
};
