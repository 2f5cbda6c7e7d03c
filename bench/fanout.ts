/**
 * What it costs to show an event to everybody: the real gateway, with guard, sessions, heartbeat, metrics and lanes, beside `ws` with one
 * pre-framed buffer and beside socket.io, in the same run. Servers in this process, all viewers in another, over loopback; bare TCP readers
 * on every side, which count events and parse no JSON. Rounds alternate between the sides; what is printed are medians, and ratios within
 * each round. A round in which other processes had more than a small part of the machine is not counted. The machine's speed is in the absolute numbers; the ratios travel. An event counts once for each viewer who has received it.
 *
 * `node bench/fanout.ts [--quick] [--viewers 500,1000] [--only <part of a title>] [--awake]`: about three minutes, a quick one for 500 viewers
 * half a minute. Where it sleeps between two frames, the viewers' process has to be woken by the server's writes, which in a virtual machine can
 * cost more than the writes themselves. `--awake` keeps it turning during a round, the same for all sides; its processor time is then not shown.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Crowd } from '../tests/faults/kit/crowd.ts';
import { measure, type Round, type Shape } from './fanout/measures.ts';
import { OTHERS_MOST } from './fanout/others.ts';
import { resume } from './fanout/resume.ts';
import { bareSide, gatewaySide, recorderSide, socketIoSide, type Side } from './fanout/sides.ts';
import { median } from '../tests/faults/kit/median.ts';
import { beside, table } from './fanout/table.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    viewers: { type: 'string', default: '500,1000' },
    only: { type: 'string', default: '' },
    awake: { type: 'boolean', default: false },
  },
});
/** Of each comparison, the first of which warms up; a slow machine does fewer, but one at least. */
const MOST_ROUNDS = values.quick ? 3 : 9;
const COMPARE_MOST_MS = values.quick ? 2_500 : 8_000;
/** As long as every round was disturbed. */
const QUIET_WITHIN_MS = 2 * COMPARE_MOST_MS;
const BURST_EVENTS = 16;
const MISSED_EVENTS = 10_000;
const RESUMED = `${MISSED_EVENTS} missed events, one viewer`;
const RESUMES = values.quick ? 3 : 7;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Stage {
  crowd: Crowd;
  sides: Record<'bare' | 'inOne' | 'socketIo' | 'ours' | 'recorded', Side>;
}

/** Anew for each number of viewers: what the gateway was only published is not in its log, so nobody could join later. */
async function onStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const crowd = new Crowd(values.awake);
  const sides = {
    bare: await bareSide(),
    inOne: await bareSide(true),
    socketIo: await socketIoSide(),
    ours: await gatewaySide(),
    recorded: await recorderSide(),
  };
  try {
    await use({ crowd, sides });
  } finally {
    crowd.close();
    for (const side of Object.values(sides)) await side.close();
  }
}

/** Alternating rounds of all that are compared. `shape` may be another for each: the first is what the ratios are of. */
async function compare(
  { crowd, sides }: Stage,
  title: string,
  viewers: number,
  compared: readonly (readonly [Side, Shape])[],
): Promise<void> {
  if (!title.includes(values.only)) return;
  const rounds: Round[][] = [];
  const begin = performance.now();
  let disturbed = 0;
  for (let i = 0; i <= MOST_ROUNDS + disturbed; i++) {
    if (performance.now() - begin > (rounds.length === 0 ? QUIET_WITHIN_MS : COMPARE_MOST_MS) && i > 1) break;
    const round: Round[] = [];
    for (const [side, shape] of compared) round.push(await measure(shape, crowd, side, viewers));
    if (i === 0) continue;
    if (round.every(({ others }) => others < OTHERS_MOST)) rounds.push(round);
    else disturbed++;
  }
  print(`\n${viewers} viewers, ${title} (${rounds.length} rounds, ${disturbed} more not counted: others were busy)`);
  if (rounds.length === 0) return;
  print(
    table(
      compared.map(([{ name }, { events }]) => (events === 1 ? name : `${name}, ${events} at once`)),
      rounds,
    ),
  );
  const [ours, socketIo] = [sides.ours, sides.socketIo].map((side) => compared.findIndex(([each]) => each === side));
  if (ours === undefined || socketIo === undefined || Math.min(ours, socketIo) < 0) return;
  const rate = beside(rounds, ours, socketIo, ({ perSecond }) => perSecond);
  const cpu = beside(rounds, ours, socketIo, ({ cpu_us }) => cpu_us);
  print(`beside socket.io: ${rate.toFixed(2)} times the events, ${cpu.toFixed(2)} of the processor time for each`);
}

function printConditions(): void {
  print(`node ${process.version}, ${cpus().length} cores, load average of the last minute ${loadavg()[0]?.toFixed(1)}`);
}

async function fanOut(stage: Stage, viewers: number): Promise<void> {
  const { crowd, sides } = stage;
  const { bare, inOne, socketIo, ours, recorded } = sides;
  for (const { name, telling, port } of Object.values(sides))
    await crowd.ask({ ask: 'connect', group: name, telling, port, viewers }, 'connected');
  const saturated: Shape = { groups: 60, events: 1, pace: { ahead: 4 } };
  const flooded: Shape = { groups: 120, events: 1, pace: { ahead: 16 } };
  const single: Shape = { groups: 40, events: 1, pace: { ahead: 1 } };
  const bursts: Shape = { groups: 40, events: BURST_EVENTS, pace: { ahead: 4 } };
  const steady: Shape = { groups: 100, events: BURST_EVENTS, pace: { every_ms: 20 } };
  const fast: Shape = { groups: 300, events: 1, pace: { every_ms: 0.5 } };
  await compare(stage, 'one event at a time, at most 4 ahead of what was delivered', viewers, [
    [bare, saturated],
    [socketIo, saturated],
    [ours, saturated],
    [recorded, saturated],
  ]);
  await compare(stage, 'one event at a time, at most 16 ahead of what was delivered', viewers, [
    [bare, flooded],
    [socketIo, flooded],
    [ours, flooded],
    [recorded, flooded],
  ]);
  await compare(stage, 'one event at a time, the next when everybody has it', viewers, [
    [bare, single],
    [socketIo, single],
    [ours, single],
    [recorded, single],
  ]);
  await compare(stage, 'bursts, at most 4 ahead of what was delivered', viewers, [
    [bare, saturated],
    [ours, bursts],
    [recorded, bursts],
  ]);
  await compare(stage, 'bursts, one every 20 ms', viewers, [
    [inOne, steady],
    [ours, steady],
    [recorded, steady],
  ]);
  await compare(stage, '2,000 events/s, whatever has been delivered', viewers, [
    [bare, fast],
    [socketIo, fast],
    [ours, fast],
    [recorded, fast],
  ]);
}

async function comeBack({ crowd }: Stage): Promise<void> {
  const resumed = await resume(crowd, MISSED_EVENTS, RESUMES);
  print(`\n${RESUMED} (${RESUMES} rounds)`);
  for (const how of new Set(resumed.map((each) => each.how))) {
    const mine = resumed.filter((each) => each.how === how);
    const of = (key: 'took_ms' | 'held_ms' | 'turn_cpu_ms' | 'received_bytes'): number => median(mine.map((each) => each[key]));
    const received = `${(of('received_bytes') / 1024).toFixed(0)} KiB`;
    const held = `event loop held ${of('held_ms').toFixed(1)} ms at most, processor time of its longest turn ${of('turn_cpu_ms').toFixed(1)} ms`;
    print(`${how.padEnd(40)} ${of('took_ms').toFixed(0)} ms, ${received}, ${held}`);
  }
}

printConditions();
for (const viewers of values.viewers.split(',').map(Number)) await onStage((stage) => fanOut(stage, viewers));
if (RESUMED.includes(values.only)) await onStage(comeBack);
printConditions();
process.exit(0);
