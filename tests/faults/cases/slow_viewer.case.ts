/**
 * A real socket stops reading at some moment and goes on at another. What waits for it is bounded, what it missed is counted exactly, and when
 * it has caught up it has the state of a viewer who comes fresh.
 */
import { isDeepStrictEqual } from 'node:util';
import { OUTBOX_HIGH_BYTES } from '../../../server/gateway/limits.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { filler, GatewayHouse } from '../kit/gateway_house.ts';
import { Viewer } from '../kit/viewer.ts';

const RING_EVENTS = 16;
/** The kernel takes several megabytes before anything waits here. */
const STALL_MOST_BYTES = 24_000_000;
/** Then the outbox is as good as full. */
const FULL_BYTES = 900_000;
/** After so many small events the state is small, and a snapshot is less than what was missed. */
const SMALL_EVENTS = 220;
/** One frame may always leave, so that a long one is not stuck for ever. */
const ONE_FRAME_BYTES = 200 * 1024;
const RUNS_PER_HOUSE = 10;

interface Tally {
  lags: number;
  snapshots: number;
  replays: number;
  mostWaiting: number;
}

async function oneRun(house: GatewayHouse, seed: number, tally: Tally): Promise<string[]> {
  const random = seeded(seed);
  const viewer = await new Viewer(`the viewer of seed ${seed}`).connect(house.port);
  await viewer.reached(house.head);
  const wrong: string[] = [];
  const heads: number[] = [];
  const record = async (bytes: number, count: number): Promise<void> => {
    await house.record(...Array.from({ length: count }, () => filler(bytes)));
    heads.push(house.head);
    tally.mostWaiting = Math.max(tally.mostWaiting, house.mostWaiting);
  };
  const lags: { head: number; from: number }[] = [];
  for (let stops = 1 + random.below(2); stops > 0; stops--) {
    for (let i = random.below(4); i > 0; i--) await record(random.below(2_000), 1 + random.below(4));
    viewer.stopReading();
    const bytes = random.pick([16_000, 40_000, 60_000]);
    // Some stop for too short a time to miss anything.
    const most = random.next() < 0.2 ? STALL_MOST_BYTES / 8 : STALL_MOST_BYTES;
    for (let sent = 0; sent < most && house.mostWaiting < FULL_BYTES;) {
      const count = 4 + random.below(20);
      await record(bytes, count);
      sent += bytes * count;
    }
    await record(bytes, random.below(60));
    if (random.next() < 0.5) await record(50, SMALL_EVENTS);
    lags.push({ head: house.head, from: viewer.lags.length });
    viewer.read();
    // Nothing more is recorded while it reads: so it is known what the ring held when it was looked at.
    await viewer.reached(house.head);
  }
  for (const [i, { head, from }] of lags.entries()) {
    for (const { after, skipped } of viewer.lags.slice(from, lags[i + 1]?.from)) {
      // It is told of what had gone when the ring was looked at: at the end, or, where the kernel took more than it seemed to, between two recordings.
      const gone = heads.filter((each) => each <= head).map((each) => each - RING_EVENTS - after);
      if (!gone.includes(skipped)) wrong.push(`told of ${skipped} missed events, ${gone.at(-1)} had gone between ${after} and ${head}`);
    }
  }
  const fresh = await new Viewer('a fresh viewer').connect(house.port);
  await fresh.reached(house.head);
  if (!isDeepStrictEqual(viewer.state, fresh.state)) wrong.push(`has another state than a fresh viewer, at ${viewer.state.seq_no}`);
  if (house.mostWaiting > OUTBOX_HIGH_BYTES + ONE_FRAME_BYTES) wrong.push(`${house.mostWaiting} bytes wait`);
  tally.lags += viewer.lags.length;
  tally.snapshots += viewer.snapshots - 1;
  tally.replays += viewer.replays.slice(1).filter(({ recovered }) => recovered).length;
  viewer.drop();
  fresh.drop();
  return [...wrong, ...viewer.violations, ...fresh.violations].map((what) => `seed ${seed}: ${what}`);
}

export const faultCase: FaultCase = {
  name: 'a viewer that stops reading is bounded, told exactly what it missed, and ends with the same state as a fresh one',
  quick: 8,
  long: 1_000,
  red_runs: 4,
  deadline_ms: 1_800_000,
  async run({ runs, seed }): Promise<Found> {
    const violations: string[] = [];
    const tally: Tally = { lags: 0, snapshots: 0, replays: 0, mostWaiting: 0 };
    for (let done = 0; done < runs;) {
      const house = await GatewayHouse.open({ capacity: RING_EVENTS, inMemory: true });
      await house.record(filler());
      for (let i = 0; i < RUNS_PER_HOUSE && done < runs; i++, done++) {
        try {
          violations.push(...(await oneRun(house, seed + done, tally)));
        } catch (error) {
          violations.push(`seed ${seed + done}: ${String(error)}`);
        }
        if (tally.mostWaiting > OUTBOX_HIGH_BYTES + ONE_FRAME_BYTES)
          violations.push(`seed ${seed + done}: ${tally.mostWaiting} bytes waited`);
        if (violations.length > 20) break;
      }
      violations.push(...house.reports);
      await house.close();
      if (violations.length > 20) break;
    }
    if (tally.lags === 0) violations.push('no viewer ever lagged: nothing was tried');
    const figure = `${tally.lags} lags, healed ${tally.replays} times from the log, ${tally.snapshots} times by a snapshot; at most ${(tally.mostWaiting / 1024).toFixed(0)} KiB waited`;
    return { runs, violations, figure };
  },
  guards: [
    {
      name: 'the room check',
      file: 'server/gateway/outbox.ts',
      find: 'if (!this.hasRoom(frames.length, limit)) return false;',
      replace: '',
    },
    {
      name: 'the exact count',
      file: 'server/gateway/live_session.ts',
      find: 'skipped: missing })',
      replace: 'skipped: missing + 1 })',
    },
    {
      name: 'the healing',
      file: 'server/gateway/live_session.ts',
      find: 'await catchUp(this.#deps, feed, true);',
      replace: 'feed.skipMissing();',
    },
  ],
};
