/** A server that comes back is met by everybody who had lost it. They must come one after another, and all of them soon. */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock, type Clock } from '../../../server/clock.ts';
import { tryWithinMs } from '../../../src/transport/link_timing.ts';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { GatewayHouse } from '../kit/gateway_house.ts';
import { Page, PageSockets } from '../kit/page.ts';

const PAGES_A_SERVER = 500;
const MOST_A_SECOND = 60;
/** Of few pages chance brings a larger part together. */
const FEW_PAGES = 120;
const PART_OF_FEW = 0.875;
/** So much faster than in the product, that the first ping is heard soon. */
const PINGS_FASTER = 10;
const LOOK_AGAIN_MS = 10;
const LIVE_WITHIN_MS = 60_000;
/** The server is away for less than one window of tries, then for more. */
const [SHORT, LONG] = [0.2, 1.5];

const hastyClock: Clock = {
  ...systemClock,
  after: (ms, then) => systemClock.after(ms / PINGS_FASTER, then),
};

async function until(holds: () => boolean): Promise<boolean> {
  const deadline = performance.now() + LIVE_WITHIN_MS;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}

function mostInASecond(moments: readonly number[]): number {
  let from = 0;
  return moments.reduce((most, at, to) => {
    while (at - (moments[from] ?? at) >= 1_000) from++;
    return Math.max(most, to - from + 1);
  }, 0);
}

interface Return {
  most: number;
  live_ms: number;
  violations: string[];
}

/** @param down part of the time they are spread over. */
async function restart(count: number, seed: number, down: number): Promise<Return> {
  const random = seeded(seed);
  const sockets = new PageSockets();
  sockets.install();
  const pages = Array.from({ length: count }, () => new Page());
  let house = await GatewayHouse.open({ clock: hastyClock });
  const violations: string[] = [];
  try {
    sockets.port = house.port;
    for (const page of pages) page.start();
    const live = (): boolean => pages.every((page) => page.live);
    // Three numbers of a head: the hello, and two pings of which the later one counted everybody.
    if (!(await until(() => live() && pages.every(({ pings }) => pings >= 3)))) throw new Error('the pages did not become live');
    const goodbye = random.pick([true, false]);
    if (!goodbye) sockets.cut();
    await house.close();
    await pause(random.next() * tryWithinMs(count, 0) * down);
    sockets.handshakes.length = 0;
    house = await GatewayHouse.open({ clock: hastyClock });
    sockets.port = house.port;
    const began = performance.now();
    const all = await until(live);
    const live_ms = performance.now() - began;
    const most = mostInASecond(sockets.handshakes);
    const bound = count < FEW_PAGES ? Math.floor(count * PART_OF_FEW) : MOST_A_SECOND;
    const how = `seed ${seed}, ${count} pages, the server went ${goodbye ? 'with 1001' : 'without a goodbye'}`;
    if (!all) violations.push(`${how}: ${pages.filter((page) => !page.live).length} are not live again after ${LIVE_WITHIN_MS} ms`);
    if (most > bound) violations.push(`${how}: ${most} handshakes in one second, at most ${bound} are allowed`);
    return { most, live_ms, violations };
  } finally {
    for (const page of pages) page.stop();
    await house.close();
  }
}

async function run({ runs, seed }: Asked): Promise<Found> {
  const servers = Math.ceil(runs / PAGES_A_SERVER);
  const returns: Return[] = [];
  for (let i = 0; i < servers; i++) {
    const count = Math.min(PAGES_A_SERVER, runs - i * PAGES_A_SERVER);
    returns.push(await restart(count, seed + i, i % 2 === 0 ? SHORT : LONG));
  }
  const most = Math.max(...returns.map((one) => one.most));
  const slowest = Math.max(...returns.map(({ live_ms }) => live_ms)) / 1_000;
  return {
    runs,
    violations: returns.flatMap(({ violations }) => violations),
    figure: `${Math.min(runs, PAGES_A_SERVER)} pages live again ${slowest.toFixed(1)} s after the start, at most ${most} handshakes in a second`,
  };
}

export const faultCase: FaultCase = {
  name: 'pages that lost the server come back one after another: of 500 no more than 60 in any second',
  quick: 60,
  long: 3 * PAGES_A_SERVER,
  run,
  red_runs: 60,
  guards: [
    {
      name: 'a return at random',
      file: 'src/transport/turns.ts',
      find: 'begins + this.#random() * within',
      replace: 'begins',
    },
    {
      name: 'a spread that grows with the viewers',
      file: 'src/transport/live_socket.ts',
      find: 'viewersNow(this.#viewers, frame.viewers ?? 0)',
      replace: 'this.#viewers',
    },
  ],
};
