/**
 * What it costs to show an event to everybody: the real gateway, with guard, sessions, heartbeat, metrics and lanes, beside `ws` with one
 * pre-framed buffer and beside socket.io, in the same run. Servers in this process, all viewers in another, over loopback; bare TCP readers
 * on every side, which count events and parse no JSON. Rounds alternate between the sides; what is printed are medians, and ratios of
 * neighbouring rounds. The machine's speed is in the absolute numbers; the ratios travel.
 *
 * `node bench/fanout.ts [--quick] [--viewers 500,1000]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Asked, Told } from './fanout/conversation.ts';
import { resume } from './fanout/resume.ts';
import { bareSide, gatewaySide, recorderSide, socketIoSide, type Side } from './fanout/sides.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, viewers: { type: 'string', default: '500,1000' } } });
const ROUNDS = values.quick ? 3 : 9;
/** Events published one at a time, the next when every viewer has the one before. */
const SINGLES = values.quick ? 25 : 100;
/** Bursts of events in one go, the next when every viewer has the one before. */
const BURSTS = values.quick ? 8 : 20;
const BURST_EVENTS = 16;
/** Events at a steady rate: what the window makes of them. */
const STREAM_EVENTS = values.quick ? 500 : 3_000;
const STREAM_PER_S = 2_000;
const MISSED_EVENTS = 10_000;
/** A slow machine does fewer rounds, but one at least of everything. */
const COMPARE_MOST_MS = values.quick ? 4_000 : 14_000;

const load = fork(fileURLToPath(new URL('fanout/viewers.ts', import.meta.url)), { execPath: process.execPath });

async function told<T extends Told['told']>(what: T): Promise<Extract<Told, { told: T }>> {
  const [answer] = (await once(load, 'message')) as [Told];
  if (answer.told === 'failed') throw new Error(answer.why);
  if (answer.told !== what) throw new Error(`expected ${what}, was told ${answer.told}`);
  return answer as Extract<Told, { told: T }>;
}

async function ask<T extends Told['told']>(asked: Asked, answer: T): Promise<Extract<Told, { told: T }>> {
  load.send(asked);
  return told(answer);
}

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

interface Round {
  /** Events delivered to viewers, per second. */
  perSecond: number;
  /** Processor time of this process for each delivered event: steadier than time on a machine that does other things, too. */
  cpu_us: number;
  p50_ms: number;
  p99_ms: number;
}

/** `times` steps of `count` events, each begun when the one before has reached every viewer. */
async function steps(side: Side, viewers: number, times: number, count: number): Promise<Round> {
  await ask({ ask: 'arm', side: side.name, events: count }, 'armed');
  const published_ms: number[] = [];
  const spent = process.cpuUsage();
  const begin = now();
  for (let i = 0; i < times; i++) {
    const delivered = told('delivered');
    for (let k = 0; k < count; k++) published_ms.push(now());
    side.publish(count);
    await delivered;
  }
  const cost = { perSecond: (viewers * times * count * 1_000) / (now() - begin), cpu_us: cpuSince(spent) / (viewers * times * count) };
  return { ...cost, ...(await ask({ ask: 'latencies', side: side.name, published_ms }, 'latencies')) };
}

/** Events at a steady rate, whatever has been delivered; in each turn of the event loop those that have come. */
async function stream(side: Side, viewers: number): Promise<Round> {
  await ask({ ask: 'arm', side: side.name, events: STREAM_EVENTS }, 'armed');
  const delivered = told('delivered');
  const published_ms: number[] = [];
  const spent = process.cpuUsage();
  const begin = now();
  while (published_ms.length < STREAM_EVENTS) {
    const due = Math.min(STREAM_EVENTS, Math.floor(((now() - begin) * STREAM_PER_S) / 1_000));
    // Timed from when each was due: that the server was busy is part of what a viewer waits.
    for (let i = published_ms.length; i < due; i++) {
      published_ms.push(begin + (i * 1_000) / STREAM_PER_S);
      side.publish(1);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await delivered;
  const cost = { perSecond: (viewers * STREAM_EVENTS * 1_000) / (now() - begin), cpu_us: cpuSince(spent) / (viewers * STREAM_EVENTS) };
  return { ...cost, ...(await ask({ ask: 'latencies', side: side.name, published_ms }, 'latencies')) };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

type Measure = (side: Side, viewers: number) => Promise<Round>;

/** Alternating rounds of all sides; the first, which warms up, is not counted. Prints each side's medians, and its ratio to the first side. */
async function compare(title: string, sides: readonly Side[], viewers: number, measure: Measure): Promise<void> {
  const rounds: Round[][] = [];
  const begin = now();
  for (let i = 0; i <= ROUNDS && (rounds.length === 0 || now() - begin < COMPARE_MOST_MS); i++) {
    const round: Round[] = [];
    for (const side of sides) round.push(await measure(side, viewers));
    if (i > 0) rounds.push(round);
  }
  print(`\n${title}, ${viewers} viewers, ${rounds.length} rounds`);
  for (const [k, side] of sides.entries()) {
    const mine = rounds.map((round) => round[k]).filter((round) => round !== undefined);
    const ratios = rounds.map((round) => (round[k]?.perSecond ?? Number.NaN) / (round[0]?.perSecond ?? Number.NaN));
    const savings = rounds.map((round) => (round[0]?.cpu_us ?? Number.NaN) / (round[k]?.cpu_us ?? Number.NaN));
    const columns = [
      side.name.padEnd(40),
      `${(median(mine.map(({ perSecond }) => perSecond)) / 1_000).toFixed(0).padStart(7)}k events/s`,
      `p50 ${median(mine.map(({ p50_ms }) => p50_ms))
        .toFixed(2)
        .padStart(6)} ms`,
      `p99 ${median(mine.map(({ p99_ms }) => p99_ms))
        .toFixed(2)
        .padStart(6)} ms`,
      `x ${median(ratios).toFixed(2)}`,
      `${median(mine.map(({ cpu_us }) => cpu_us)).toFixed(2)} us cpu, x ${median(savings).toFixed(2)}`,
    ];
    print(`  ${columns.join('   ')}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const sides = [await bareSide(), await socketIoSide(), await gatewaySide()];
const [bare, , ours] = sides as [Side, Side, Side];
const recorded = await recorderSide();
try {
  for (const viewers of values.viewers.split(',').map(Number)) {
    for (const side of [...sides, recorded])
      await ask({ ask: 'connect', side: side.name, telling: side.telling, port: side.port, viewers }, 'connected');
    await compare('one event at a time', sides, viewers, (side) => steps(side, viewers, SINGLES, 1));
    await compare(`bursts of ${BURST_EVENTS} events`, sides, viewers, (side) => steps(side, viewers, BURSTS, BURST_EVENTS));
    await compare(`a stream of ${STREAM_PER_S} events/s`, [ours], viewers, stream);
    await compare('one event at a time, recorded first', [bare, recorded], viewers, (side) => steps(side, viewers, SINGLES, 1));
    await compare(`bursts of ${BURST_EVENTS} events, recorded first`, [bare, recorded], viewers, (side) =>
      steps(side, viewers, BURSTS, BURST_EVENTS),
    );
  }
  print(`\n${MISSED_EVENTS} missed events`);
  const resumed = await resume(MISSED_EVENTS, ROUNDS);
  for (const how of new Set(resumed.map((each) => each.how))) {
    const mine = resumed.filter((each) => each.how === how);
    const of = (key: 'took_ms' | 'held_ms' | 'received_bytes'): number => median(mine.map((each) => each[key]));
    print(
      `  ${how.padEnd(40)}   ${of('took_ms').toFixed(0)} ms, ${(of('received_bytes') / 1024).toFixed(0)} KiB, event loop held ${of('held_ms').toFixed(0)} ms at most`,
    );
  }
} finally {
  load.disconnect();
  for (const side of [...sides, recorded]) await side.close();
}
process.exit(0);
