/**
 * 20 of 120 viewers stop reading for good. The 100 others do not feel it, the memory stays, and after half a minute without progress each of
 * the 20 is closed with its code and may come back. The half minute passes on a clock held by hand; the sockets are real, and all viewers but
 * two are in another process. Whether the others feel it is told by a second house in the same process, where 100 viewers are alone: both are
 * measured in turns, many times, and the medians compared. What else the machine does then slows both.
 */
import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OUTBOX_HIGH_BYTES, PING_INTERVAL_MS, STALLED_AFTER_MS } from '../../../server/gateway/limits.ts';
import { ManualClock } from '../../../server/gateway/stand_ins_for_tests.ts';
import { CLOSE } from '../../../src/shared/protocol/close_codes.ts';
import type { FaultCase, Found } from '../kit/case.ts';
import { Crowd } from '../kit/crowd.ts';
import { sharedNow } from '../kit/crowd_talk.ts';
import { filler, GatewayHouse } from '../kit/gateway_house.ts';
import { median } from '../kit/median.ts';
import { Viewer } from '../kit/viewer.ts';

const [HEALTHY, STALLED] = [100, 20];
/** Of the stalled, those that come back fold what they get; more would fill the memory that is measured. */
const COME_BACK = 2;
const SLOWER_BY = 1.2;
const MEMORY_BYTES = 60 * 1024 * 1024;
const ONE_FRAME_BYTES = 200 * 1024;
const FULL_BYTES = 900_000;
const EVENT_BYTES = 1_000;
/** Few, so that most rounds meet nothing else the machine does: that would hide what is looked for. */
const EVENTS_A_ROUND = 10;
const ROUNDS = 120;

type GroupName = 'alone' | 'healthy' | 'stalled';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** A house and the viewers of it who read. */
class Room {
  readonly house: GatewayHouse;
  readonly #crowd: Crowd;
  readonly #group: GroupName;

  constructor(house: GatewayHouse, crowd: Crowd, group: GroupName) {
    this.house = house;
    this.#crowd = crowd;
    this.#group = group;
  }

  async connect(group: GroupName, viewers: number): Promise<void> {
    await this.#crowd.ask({ ask: 'connect', group, telling: 'signalbox', port: this.house.port, viewers }, 'connected');
  }

  /** Records commits of `events` events, each when all who read have the one before. @returns when each was begun. */
  async record(commits: number, bytes: number, events = 1): Promise<number[]> {
    await this.#crowd.arm(this.#group, events);
    const began: number[] = [];
    for (let i = 1; i <= commits; i++) {
      began.push(sharedNow());
      await this.house.record(...Array.from({ length: events }, () => filler(bytes)));
      await this.#crowd.until(i);
    }
    return began;
  }

  /** Much at once. */
  async pour(): Promise<void> {
    await this.record(1, 60_000, 12);
  }

  /** @returns p99 from recorded to received, ms. */
  async measure(): Promise<number> {
    const published_ms = await this.record(EVENTS_A_ROUND, EVENT_BYTES);
    return (await this.#crowd.ask({ ask: 'latencies', group: this.#group, published_ms }, 'latencies')).p99_ms;
  }
}

interface Tried {
  /** Of the p99 with the stalled to that without. */
  ratio: number;
  /** Bytes by which the process grew. */
  grown: number;
  /** Bytes at most for one viewer. */
  waited: number;
}

/** In turns, so that neither is always first. @returns p99 beside stalled viewers, divided by that without. */
async function compare(beside: Room, alone: Room): Promise<number> {
  const [with_ms, without_ms]: [number[], number[]] = [[], []];
  for (let i = -2; i < ROUNDS; i++) {
    const inTurn = [[alone, without_ms] as const, [beside, with_ms] as const];
    for (const [room, into] of i % 2 === 0 ? inTurn : inTurn.toReversed()) {
      const p99 = await room.measure();
      // The first two warm up.
      if (i >= 0) into.push(p99);
    }
  }
  return median(with_ms) / median(without_ms);
}

async function tryOnce(violations: string[]): Promise<Tried> {
  const clock = new ManualClock();
  const [house, other] = [await GatewayHouse.open({ clock, inMemory: true }), await GatewayHouse.open({ clock, inMemory: true })];
  const crowd = new Crowd();
  const back = Array.from({ length: COME_BACK }, (_, i) => new Viewer(`viewer ${i}`));
  try {
    const [room, alone] = [new Room(house, crowd, 'healthy'), new Room(other, crowd, 'alone')];
    for (const each of [house, other]) await each.record(filler());
    await room.connect('healthy', HEALTHY);
    await room.connect('stalled', STALLED - COME_BACK);
    await alone.connect('alone', HEALTHY);
    for (const viewer of back) await (await viewer.connect(house.port)).reached(house.head);
    // All that grows with what is shown at all, has grown: what comes on top later is for the stalled.
    for (let i = 0; i < 20; i++) await room.pour();
    await Promise.all(back.map((viewer) => viewer.reached(house.head)));
    collectGarbage();
    const before = process.memoryUsage().rss;
    for (const viewer of back) viewer.stopReading();
    await crowd.ask({ ask: 'read', group: 'stalled', reads: false }, 'reading');
    // Until the outbox of each is full, and then until the ring has gone on without them.
    const full = (): number => [...house.sockets].filter(({ writableLength }) => writableLength > FULL_BYTES).length;
    for (let more = 5; more > 0; more -= full() >= STALLED ? 1 : 0) await room.pour();
    collectGarbage();
    const grown = process.memoryUsage().rss - before;
    const tried = { ratio: await compare(room, alone), grown, waited: house.mostWaiting };
    // One interval after another, as long as the stalled are given; the healthy answer.
    for (let passed = 0; passed <= STALLED_AFTER_MS; passed += PING_INTERVAL_MS) {
      clock.advance(PING_INTERVAL_MS);
      await room.record(1, 0);
    }
    const [closed, silent] = [house.metric('signalbox_viewer_closed_stalled_total'), house.metric('signalbox_viewer_closed_silent_total')];
    if (closed !== STALLED) violations.push(`${closed} viewers were closed as stalled, not ${STALLED}`);
    if (silent !== 0) violations.push(`${silent} viewers were closed as silent`);
    for (const viewer of back) violations.push(...(await comeBack(house, viewer)));
    violations.push(...house.reports, ...other.reports);
    return tried;
  } finally {
    crowd.close();
    for (const viewer of back) viewer.drop();
    await Promise.all([house.close(), other.close()]);
  }
}

async function comeBack(house: GatewayHouse, viewer: Viewer): Promise<string[]> {
  const wrong = viewer.violations;
  viewer.read();
  await viewer.until(`${viewer.name} to be closed`, () => viewer.closed !== null);
  if (viewer.closed?.code !== CLOSE.stalled) wrong.push(`${viewer.name} was closed with ${viewer.closed?.code}`);
  await viewer.connect(house.port);
  await viewer.reached(house.head);
  const fresh = await new Viewer('a fresh viewer').connect(house.port);
  await fresh.reached(house.head);
  if (!isDeepStrictEqual(viewer.state, fresh.state)) wrong.push(`${viewer.name} came back to another state than a fresh viewer's`);
  fresh.drop();
  return wrong;
}

export const faultCase: FaultCase = {
  name: '20 stalled of 120 viewers: the others are told as fast, the memory stays, the stalled are closed after 30 s and may come back',
  // Hundreds of megabytes over the loopback: the quick share has the bound and the healing in the case of one slow viewer.
  quick: null,
  long: 3,
  red_runs: 1,
  async run({ runs }): Promise<Found> {
    const violations: string[] = [];
    const all: Tried[] = [];
    for (let i = 0; i < runs; i++) {
      const tried = await tryOnce(violations);
      all.push(tried);
      const { ratio, grown, waited } = tried;
      if (!(ratio <= SLOWER_BY)) violations.push(`with 20 stalled the p99 of the others is ${ratio.toFixed(2)} times as long`);
      if (grown > MEMORY_BYTES) violations.push(`the memory grew by ${mebibytes(grown)}`);
      if (waited > OUTBOX_HIGH_BYTES + ONE_FRAME_BYTES) violations.push(`${waited} bytes waited for one viewer`);
    }
    const most = (of: (tried: Tried) => number): number => Math.max(...all.map(of));
    const ratios = all.map(({ ratio }) => `x ${ratio.toFixed(2)}`).join(', ');
    const figure = `p99 of the others ${ratios} (medians of ${ROUNDS} rounds in turns), memory +${mebibytes(most(({ grown }) => grown))}, at most ${mebibytes(most(({ waited }) => waited))} waited for one`;
    return { runs, violations, figure };
  },
  guards: [
    {
      name: 'the end of those who do not read',
      file: 'server/gateway/heartbeat.ts',
      find: "if (this.#withoutProgress >= PINGS_UNTIL_STALLED) return 'stalled';",
      replace: '',
    },
    {
      name: 'the room check',
      file: 'server/gateway/outbox.ts',
      find: 'if (!this.hasRoom(frames.length, limit)) return false;',
      replace: '',
    },
  ],
};

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
