/**
 * Pages with the product's own client behind a bad network: bytes one by one, late, links reset, silent in one direction or both, half-open, a
 * server that refuses, a frame that is lost. Once the weather is fair each page shows what the server has, as live, and at no moment did it
 * take an event that does not follow the one before. Time runs ten times as fast, so that silence can be waited for.
 */
import { isDeepStrictEqual } from 'node:util';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { LiveFeed, type FeedListener } from '../../../src/transport/live_feed.ts';
import { LiveSocket } from '../../../src/transport/live_socket.ts';
import { makeLink } from '../../../src/transport/reconnecting_link.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { liveFaster } from '../kit/delivery_fast_time.ts';
import { DeliveryHouse, told } from '../kit/delivery_house.ts';
import { Proxy, type Direction } from '../kit/proxy.ts';

const FACTOR = 10;
const PAGES_AT_ONCE = 12;
const FAULTS_A_PAGE = 5;
const STORM_MS = 20_000;
const CONVERGED_WITHIN_MS = 150_000;
const EVENT_EVERY_MS = 100;

type Random = ReturnType<typeof seeded>;
const FAULTS = ['slice', 'late', 'reset', 'blackhole', 'pause', 'drop_frame', 'half_open', 'refuse'] as const;
type Fault = (typeof FAULTS)[number];

class Page {
  readonly name: string;
  readonly wrong: string[] = [];
  state: State = EMPTY_STATE;
  live = false;
  readonly proxy: Proxy;
  readonly #socket: LiveSocket;

  constructor(name: string, proxy: Proxy, random: Random) {
    this.name = name;
    this.proxy = proxy;
    const nothing = (): void => undefined;
    const not = (): void => void (this.live = false);
    const listener: FeedListener = {
      snapshot: (state) => void (this.state = state),
      events: (items) => items.forEach((item) => this.#take(item)),
      caughtUp: () => void (this.live = true),
      catchingUp: not,
      connecting: not,
      opened: not,
      waiting: not,
      stopped: (reason, code) => this.wrong.push(`stopped with ${code}: ${reason}`),
      defect: (error) => this.wrong.push(`a defect: ${String(error)}`),
      newVersion: (need) => this.wrong.push(`${need} a reload`),
      complained: (message) => this.wrong.push(`a complaint: ${message}`),
      anotherHistory: () => this.wrong.push('was told of another history'),
      hello: nothing,
      heard: nothing,
      position: nothing,
    };
    const feed = new LiveFeed(listener, () => performance.now());
    this.#socket = new LiveSocket(`ws://127.0.0.1:${proxy.port}/events`, feed, {
      now: () => performance.now(),
      make: makeLink,
      random: () => random.next(),
    });
    feed.attach(this.#socket);
    this.#socket.start();
  }

  async close(): Promise<void> {
    this.#socket.stop();
    await this.proxy.close();
  }

  #take(item: Envelope): void {
    if (item.seq_no !== this.state.seq_no + 1) this.wrong.push(`took event ${item.seq_no} with all up to ${this.state.seq_no}`);
    this.state = fold(this.state, item);
  }
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function storm(proxy: Proxy, random: Random): Promise<Fault[]> {
  const faults = Array.from({ length: FAULTS_A_PAGE }, () => random.pick(FAULTS));
  const way = random.pick(['up', 'down', 'both'] as const);
  const direction: Direction | undefined = way === 'both' ? undefined : way;
  for (const fault of faults) {
    await later((random.next() * STORM_MS) / FAULTS_A_PAGE);
    const link = proxy.links.at(-1);
    if (fault === 'slice') proxy.shape({ slice_bytes: random.pick([1, 7, 200]) });
    else if (fault === 'late') proxy.shape({ latency_ms: random.below(3_000) });
    else if (fault === 'refuse') proxy.refuse(true);
    else if (fault === 'reset') link?.reset();
    else if (fault === 'blackhole') link?.blackhole(direction);
    else if (fault === 'pause') link?.pause(direction);
    else if (fault === 'half_open') link?.halfOpen('server');
    else void link?.dropFrame((text) => text.includes('"type":"events"') || random.below(4) === 0);
    if (random.below(2) === 0) continue;
    await later(random.below(3_000));
    fair(proxy);
  }
  fair(proxy);
  return faults;
}

/** For links that are still good for something. What a black hole or a pause has is left to the page to notice. */
function fair(proxy: Proxy): void {
  proxy.shape({ slice_bytes: Infinity, latency_ms: 0 });
  proxy.refuse(false);
}

async function group(house: DeliveryHouse, count: number, seed: number, first: number): Promise<string[]> {
  const pages: Page[] = [];
  for (let i = 0; i < count; i++) pages.push(new Page(`page ${first + i}`, await Proxy.open(house.port), seeded(seed * 1_000 + first + i)));
  let n = 0;
  const telling = setInterval(() => void house.record(told(n++)), EVENT_EVERY_MS);
  try {
    const faults = await Promise.all(pages.map((page, i) => storm(page.proxy, seeded(seed * 7_919 + first + i))));
    const deadline = performance.now() + CONVERGED_WITHIN_MS;
    // A head that moves would have to be met by all in the same moment: so each is asked whether it is at most one event behind.
    const isThere = (page: Page): boolean => page.live && house.head - page.state.seq_no <= 1;
    const wrongs = pages.map((page) => page.wrong);
    while (!pages.every(isThere) && wrongs.every((wrong) => wrong.length === 0) && performance.now() < deadline)
      await later(EVENT_EVERY_MS);
    clearInterval(telling);
    await house.record(told(n));
    while (pages.some(({ state }) => state.seq_no < house.head) && performance.now() < deadline) await later(EVENT_EVERY_MS);
    return pages.flatMap((page, i) => {
      const told = [...page.wrong];
      if (!page.live) told.push(`is not live at ${page.state.seq_no} of ${house.head}`);
      if (!isDeepStrictEqual(page.state, house.recorder.state())) told.push(`shows another state at ${page.state.seq_no} of ${house.head}`);
      return told.map((each) => `seed ${seed}, ${page.name} (${faults[i]?.join(', ')}): ${each}`);
    });
  } finally {
    clearInterval(telling);
    for (const page of pages) await page.close();
  }
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  liveFaster(FACTOR);
  const violations: string[] = [];
  const house = await DeliveryHouse.open({ anyHost: true });
  try {
    await house.recordMany(20);
    for (let done = 0; done < runs; done += PAGES_AT_ONCE)
      violations.push(...(await group(house, Math.min(PAGES_AT_ONCE, runs - done), seed, done)));
  } finally {
    await house.close();
  }
  return { runs, violations };
}

export const faultCase: FaultCase = {
  name: 'However bad the network was, each page ends live with the state of the server',
  quick: 12,
  long: 240,
  run,
  guards: [
    {
      name: 'the continuity check',
      file: 'src/transport/continuity.ts',
      find: 'if (!this.#joins(frame.after) || frame.upto < frame.after) return this.#doesNotJoin();',
      replace: '',
    },
    { name: 'the silence watch', file: 'src/transport/live_socket.ts', find: 'if (this.#silent) this.replaceInTurn();', replace: '' },
  ],
  red_runs: 24,
};
