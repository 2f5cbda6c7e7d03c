/**
 * A viewer comes back from anywhere: a position it has, none, the head, beyond it, of another history, trimmed away, of another epoch. Whatever
 * it is told, it must be true: `recovered` and everything it lacked, event by event, or a snapshot and `recovered` false. In every case it
 * has the state of the recorder afterwards. Events are recorded all the while, so each answer has a seam in it.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { State } from '../../../src/shared/fold/state.ts';
import { EMPTY_STATE } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse, statesOf, told, trim } from '../kit/delivery_house.ts';
import { Viewer, type Position } from '../kit/viewer.ts';

const HISTORY_EVENTS = 600;
const TRIMMED_AT = 200;
const MEANWHILE_EVENTS = 3;
const KINDS = ['any', 'none', 'head', 'beyond', 'other_history', 'other_epoch', 'no_id', 'restored'] as const;
type Kind = (typeof KINDS)[number] | 'below_floor';

/** A history, and a longer one that grew out of the same beginning on another machine. */
interface World {
  house: DeliveryHouse;
  floor: number;
  /** By seq_no, from the floor on. */
  envelopes: readonly Envelope[];
  states: readonly State[];
  lost: { envelopes: readonly Envelope[]; states: readonly State[] };
}

async function open(trimmed: boolean): Promise<World> {
  const first = await DeliveryHouse.open();
  for (let n = 0; n < HISTORY_EVENTS / 10; n++) await first.recordMany(10);
  const whole = await first.all();
  await first.stop();
  const copy = mkdtempSync(join(tmpdir(), 'signalbox-delivery-'));
  cpSync(first.folder, copy, { recursive: true });
  // What a restore throws away: the same epoch, other events.
  const lost = await DeliveryHouse.open({ folder: copy });
  await lost.recordMany(100, (n) => told(n, 7));
  const other = await lost.all();
  await lost.close();
  rmSync(copy, { recursive: true, force: true });
  const states = statesOf(whole);
  const floor = trimmed ? trim(first.folder, TRIMMED_AT) : 0;
  const house = await DeliveryHouse.open({ folder: first.folder, initial: states[floor] ?? EMPTY_STATE });
  await house.recordMany(50);
  const envelopes = await house.all();
  return {
    house,
    floor,
    envelopes,
    states: statesOf(envelopes, states[floor]),
    lost: { envelopes: other, states: statesOf(other) },
  };
}

/** Where a viewer believes to be, and what it believes. */
function comer(kind: Kind, world: World, random: ReturnType<typeof seeded>): { position: Position | null; state: State } {
  const { epoch, head } = world.house.log.bounds();
  const at = (after: number): { position: Position; state: State } => ({
    position: { epoch, after, id: world.envelopes[after - world.floor - 1]?.id ?? null },
    state: world.states[after - world.floor] ?? EMPTY_STATE,
  });
  const known = world.floor + world.envelopes.length;
  const some = at(world.floor + 1 + random.below(world.envelopes.length));
  const { lost } = world;
  const strange = (after: number): { position: Position; state: State } => ({
    position: { epoch, after, id: lost.envelopes[after - 1]?.id ?? null },
    state: lost.states[after] ?? EMPTY_STATE,
  });
  switch (kind) {
    case 'any':
      return some;
    case 'none':
      return { position: null, state: EMPTY_STATE };
    case 'head':
      return at(known);
    case 'beyond':
      return { position: { epoch, after: head + 1 + random.below(10_000), id: crypto.randomUUID() }, state: some.state };
    case 'other_history':
      return strange(HISTORY_EVENTS + 1 + random.below(40));
    case 'restored':
      return strange(lost.envelopes.length);
    case 'other_epoch':
      return { position: { ...some.position, epoch: `0-${random.below(1_000)}` }, state: EMPTY_STATE };
    case 'no_id':
      return { position: { ...some.position, id: null }, state: some.state };
    case 'below_floor':
      return {
        position: { epoch, after: 1 + random.below(Math.max(1, world.floor - 1)), id: lost.envelopes[0]?.id ?? null },
        state: EMPTY_STATE,
      };
    default:
      return kind satisfies never;
  }
}

/** Those that may not be taken at their word. */
const STRANGE: ReadonlySet<Kind> = new Set<Kind>(['beyond', 'other_history', 'other_epoch', 'restored', 'below_floor']);

async function comeBack(kind: Kind, world: World, random: ReturnType<typeof seeded>): Promise<{ wrong: string[]; replayed: boolean }> {
  const { house } = world;
  const viewer = new Viewer(`a viewer from "${kind}"`);
  const { position, state } = comer(kind, world, random);
  Object.assign(viewer, { position, state });
  const wrong: string[] = [];
  try {
    const meanwhile = house.recordMany(random.below(MEANWHILE_EVENTS));
    await viewer.connect(house.port);
    await house.recordMany(1 + random.below(MEANWHILE_EVENTS));
    await meanwhile;
    const { head } = house;
    await viewer.reached(head, 5_000);
    const [answer] = viewer.replays;
    if (answer === undefined) return { wrong: ['was never told where it is'], replayed: false };
    const [from, count] = [position?.after ?? 0, viewer.seqs.length];
    if (answer.recovered && viewer.snapshots > 0) wrong.push('recovered, and a snapshot all the same');
    if (answer.recovered && count !== head - from) wrong.push(`recovered, but with ${count} events of ${head - from}`);
    if (!answer.recovered && viewer.snapshots === 0) wrong.push('neither recovered nor given a snapshot');
    if (answer.recovered && STRANGE.has(kind)) wrong.push('told that nothing is missing');
    if (kind === 'head' && !answer.recovered) wrong.push('had all, and was not recovered');
    if (!isDeepStrictEqual(viewer.state, house.recorder.state())) wrong.push(`has another state at ${viewer.upto} than the server`);
    return { wrong: [...wrong, ...viewer.violations], replayed: answer.recovered && count > MEANWHILE_EVENTS * 2 };
  } catch (error) {
    return { wrong: [...wrong, ...viewer.violations, String(error)], replayed: false };
  } finally {
    viewer.drop();
  }
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const violations: string[] = [];
  let replays = 0;
  const random = seeded(seed);
  const worlds = [await open(false), await open(true)] as const;
  try {
    for (let n = 0; n < runs; n++) {
      const [whole, trimmed] = worlds;
      const kind: Kind = n % 5 === 4 ? 'below_floor' : (KINDS[n % KINDS.length] ?? 'any');
      const { wrong, replayed } = await comeBack(kind, kind === 'below_floor' || random.below(2) === 1 ? trimmed : whole, random);
      violations.push(...wrong.map((each) => `seed ${seed}, run ${n}, "${kind}": ${each}`));
      if (replayed) replays++;
    }
    for (const { house } of worlds) violations.push(...house.reports);
  } finally {
    for (const { house } of worlds) await house.close();
  }
  if (replays === 0) violations.push(`seed ${seed}: nobody was given what it had missed`);
  return { runs, violations, figure: `${replays} replays` };
}

const FILE = 'server/gateway/resume_point.ts';

export const faultCase: FaultCase = {
  name: 'A viewer that comes back from anywhere gets all it missed, or a snapshot that says so',
  quick: 40,
  long: 500,
  run,
  guards: [
    { name: 'the id check', file: FILE, find: '=== id ? after : null', replace: '!== undefined ? after : null' },
    { name: 'the epoch check', file: FILE, find: 'epoch !== log.bounds().epoch', replace: "epoch === ''" },
  ],
  red_runs: 40,
};
