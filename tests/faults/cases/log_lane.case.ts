/**
 * A run's output in random pieces, with characters and escape sequences cut anywhere, to viewers who join before the run exists, while it
 * writes, after its end and after a restart: what a viewer joins together is the lossy decoding of the file, and the run's end never comes
 * before the last of it or the gap that says what is left out.
 */
import { rmSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CHUNK_PULL_BYTES, OUTBOX_HIGH_BYTES } from '../../../server/gateway/limits.ts';
import type { LogMeta, RunLog } from '../../../server/logstore/port.ts';
import { TAIL_CACHE_BYTES } from '../../../server/logstore/run_log.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';
import { GateId, RunId, TierId, Version } from '../../../src/shared/protocol/ids.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { GatewayHouse, houseFolder } from '../kit/gateway_house.ts';
import { PROJECT } from '../kit/house_ground.ts';
import { Viewer, type LaneSeen } from '../kit/viewer.ts';

const SPLITS_PER_HOUSE = 50;
/** Of these two have a viewer who does not read, and a log that is longer than what waits for one. */
const LONG_EVERY = 25;
const LONG_BYTES = 12_000_000;
/** And two have a viewer who comes when much has been written, and reads old output from the disk while new output comes. */
const LATE_AT = 20;
/** And two are of a stopped run that writes on. */
const STOPPED_AT = 10;
const LATE_BYTES = 2 * TAIL_CACHE_BYTES;
/** Then a lane reads no further. */
const FULL_BYTES = OUTBOX_HIGH_BYTES - CHUNK_PULL_BYTES;
const FULL_WITHIN_MS = 5_000;
const PIECES: readonly Buffer[] = [
  'a line of text\n',
  'ä ö ü €\r\n',
  '😀👩‍👩‍👧‍👦🏴‍☠️',
  '\u001b[31mred\u001b[0m',
  '\u001b]8;;https://example.test\u0007link\u001b]8;;\u0007',
  '\ufeff',
  '\r',
  '\u0000',
].map((text) => Buffer.from(text));
/** No UTF-8: a lone continuation, characters cut short, an encoded surrogate, bytes that are never used. */
const BROKEN: readonly Buffer[] = [[0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xff, 0xfe]].map((bytes) =>
  Buffer.from(bytes),
);

type Random = ReturnType<typeof seeded>;

function content(random: Random): Buffer {
  const pieces: Buffer[] = [];
  for (let i = random.below(random.pick([1, 40, 400, 6_000])); i > 0; i--)
    pieces.push(random.next() < 0.15 ? random.pick(BROKEN) : random.pick(PIECES));
  return Buffer.concat(pieces);
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const most = random.pick([1, 3, 40, 5_000, 100_000]);
  const pieces: Buffer[] = [];
  // Byte by byte only where it is short: 100,000 writes prove no more than 1,000.
  const least = bytes.length > 1_000 ? 7 : 1;
  for (let at = 0; at < bytes.length;) {
    const end = at + Math.max(least, 1 + random.below(most));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

const where = { tier: TierId.parse('host'), version: Version.parse('1.0.0'), gate: GateId.parse('unit_tests') };

class Line {
  readonly house: GatewayHouse;
  readonly random: Random;
  readonly run_id: RunId;
  readonly violations: string[];

  constructor(house: GatewayHouse, run_id: number, seed: number, violations: string[]) {
    this.house = house;
    this.random = seeded(seed);
    this.run_id = RunId.parse(run_id);
    this.violations = violations;
  }

  async open(): Promise<RunLog> {
    const meta: LogMeta = { run_id: this.run_id, project: PROJECT, type: 'gate' };
    const started: Event = { kind: 'gate_start', run_id: this.run_id, ...where };
    await this.house.record(started);
    return this.house.logs.create(meta, []);
  }

  async write(log: RunLog, pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      log.write(piece);
      if (this.random.next() < 0.2) await log.drained();
      if (this.random.next() < 0.1) await nextTurn();
    }
  }

  async end(log: RunLog): Promise<void> {
    await log.close();
    await this.endRun();
  }

  async endRun(): Promise<void> {
    await this.house.record({ kind: 'gate_done', run_id: this.run_id, ...where, outcome: { status: 'passed' } });
  }

  /** The viewer has the whole lane, and it is the lossy decoding of the file. */
  async compare(viewer: Viewer, written: Buffer): Promise<void> {
    const lane = (): LaneSeen | undefined => viewer.lanes.get(this.run_id);
    await viewer.until(`the lane of run ${this.run_id} to end for ${viewer.name}`, () => lane()?.ended === true);
    const stored = await buffer(this.house.logs.bytes(this.run_id, 0, written.length + 1));
    if (!stored.equals(written)) this.#wrong(`the file has ${stored.length} bytes, other than the ${written.length} written`);
    if (lane()?.text !== stored.toString()) this.#wrong(`${viewer.name} has ${lane()?.text.length} characters that are not the file's`);
    if (lane()?.gaps.length !== 0) this.#wrong(`${viewer.name} was given a gap`);
  }

  /** As `compare`, or a gap up to the end: who reads slowly, or a machine that takes a second for it, is told what is left out. */
  async compareOrGap(viewer: Viewer, written: Buffer): Promise<void> {
    const lane = (): LaneSeen | undefined => viewer.lanes.get(this.run_id);
    const told = (): boolean => lane()?.ended === true || (lane()?.gaps.length ?? 0) > 0;
    await viewer.until(`the lane of run ${this.run_id} to end, or its gap, for ${viewer.name}`, told);
    const gap = lane()?.gaps[0];
    if (gap === undefined) await this.compare(viewer, written);
    else if (gap.to !== written.length) this.#wrong(`the gap of ${viewer.name} ends at ${gap.to} of ${written.length}`);
    else if (lane()?.text !== written.toString('utf8', 0, gap.from))
      this.#wrong(`the text of ${viewer.name} before the gap is not the file's`);
  }

  /** The end of the run came after the whole lane, or after its gap. */
  order(viewer: Viewer): void {
    const { frames } = viewer;
    const end = frames.findIndex(
      (frame) => frame.type === 'events' && frame.items.some((item) => item.kind === 'gate_done' && item['run_id'] === this.run_id),
    );
    const last = frames.findLastIndex(
      (frame) =>
        (frame.type === 'chunk' && frame.chunk.run_id === this.run_id) ||
        ((frame.type === 'log_gap' || frame.type === 'log_end') && frame.run_id === this.run_id),
    );
    if (end < 0) this.#wrong(`${viewer.name} was not told of the end`);
    else if (end < last) this.#wrong(`${viewer.name} was told of the end before the last of the log`);
  }

  #wrong(what: string): void {
    this.violations.push(`run ${this.run_id}: ${what}`);
  }
}

interface Viewers {
  before: Viewer;
  during: Viewer;
  after: Viewer;
}

async function oneSplit(line: Line, { before, during, after }: Viewers): Promise<Buffer> {
  for (const viewer of [before, during]) viewer.frames.length = 0;
  const written = content(line.random);
  const pieces = cut(written, line.random);
  before.watch(line.run_id);
  const log = await line.open();
  const joins = line.random.below(pieces.length + 1);
  await line.write(log, pieces.slice(0, joins));
  during.watch(line.run_id);
  await line.write(log, pieces.slice(joins));
  await line.end(log);
  after.watch(line.run_id);
  for (const viewer of [before, during, after]) await line.compare(viewer, written);
  for (const viewer of [before, during]) {
    await viewer.reached(line.house.head);
    line.order(viewer);
  }
  return written;
}

/** The lane is being drained up to the high mark; who reads before it is full is given all of it. */
async function full({ house }: Line): Promise<void> {
  const late = performance.now() + FULL_WITHIN_MS;
  while (house.mostWaiting < FULL_BYTES && performance.now() < late) await nextTurn();
  for (let i = 0; i < 10; i++) await nextTurn();
}

/** A log that is longer than what may wait for a viewer, and a viewer of it who does not read. */
async function flooded(line: Line, name: string) {
  const slow = await new Viewer(name, { keeps: true }).connect(line.house.port);
  await slow.reached(line.house.head);
  slow.watch(line.run_id);
  const log = await line.open();
  slow.stopReading();
  const pieces = Array.from({ length: LONG_BYTES / 60_000 }, (_, i) => Buffer.alloc(60_000, `${i} `));
  for (const piece of pieces) {
    log.write(piece);
    await log.drained();
    await nextTurn();
  }
  return { slow, log, pieces };
}

/** A viewer who does not read is given what waits for it, then the gap, then the end. */
async function longSplit(line: Line): Promise<Buffer> {
  const { slow, log, pieces } = await flooded(line, 'the slow viewer');
  await line.end(log);
  await full(line);
  slow.read();
  await slow.reached(line.house.head);
  line.order(slow);
  const written = Buffer.concat(pieces);
  await line.compareOrGap(slow, written);
  line.violations.push(...slow.violations);
  slow.drop();
  return written;
}

/** A run that was stopped and writes on after its end was stored: a viewer who had a gap until then has the rest. */
async function stoppedSplit(line: Line): Promise<Buffer> {
  const { slow, log, pieces } = await flooded(line, 'the slow viewer of a stopped run');
  await line.endRun();
  await full(line);
  slow.read();
  await slow.reached(line.house.head);
  const after = Buffer.from('written after the end\n');
  log.write(after);
  await log.close();
  const lane = (): LaneSeen | undefined => slow.lanes.get(line.run_id);
  await slow.until(`the lane of run ${line.run_id} to go on after its gap`, () => lane()?.ended === true);
  const written = Buffer.concat([...pieces, after]);
  const gap = lane()?.gaps[0];
  const shown = gap === undefined ? written : Buffer.concat([written.subarray(0, gap.from), written.subarray(gap.to)]);
  if (lane()?.text !== shown.toString()) line.violations.push(`run ${line.run_id}: around its gap the lane is not the file`);
  line.violations.push(...slow.violations);
  slow.drop();
  return written;
}

async function lateSplit(line: Line): Promise<Buffer> {
  const late = await new Viewer('the late viewer', { keeps: true }).connect(line.house.port);
  await late.reached(line.house.head);
  const log = await line.open();
  const pieces = Array.from({ length: LATE_BYTES / 10_000 }, (_, i) => Buffer.alloc(10_000, `${i} `));
  for (const piece of pieces) {
    log.write(piece);
    await log.drained();
  }
  late.watch(line.run_id);
  for (const piece of pieces) {
    log.write(piece);
    await log.drained();
    await nextTurn();
  }
  await line.end(log);
  const written = Buffer.concat([...pieces, ...pieces]);
  await line.compareOrGap(late, written);
  await late.reached(line.house.head);
  line.order(late);
  line.violations.push(...late.violations);
  late.drop();
  return written;
}

function split(at: number, line: Line, viewers: Viewers): Promise<Buffer> {
  if (at === LONG_EVERY - 1) return longSplit(line);
  if (at === STOPPED_AT) return stoppedSplit(line);
  return at === LATE_AT ? lateSplit(line) : oneSplit(line, viewers);
}

async function inOneHouse(count: number, seed: number, violations: string[]): Promise<void> {
  const folder = houseFolder(true);
  const texts = new Map<number, Buffer>();
  try {
    const house = await GatewayHouse.open({ folder });
    const connect = async (name: string): Promise<Viewer> => new Viewer(name, { keeps: true }).connect(house.port);
    const viewers: Viewers = {
      before: await connect('who came before the run'),
      during: await connect('who came during the run'),
      after: await connect('who came after the run'),
    };
    const all = Object.values(viewers) as Viewer[];
    const areFine = (): boolean => violations.length === 0 && all.every((viewer) => viewer.violations.length === 0);
    for (let i = 0; i < count && areFine(); i++) {
      const line = new Line(house, i + 1, seed + i, violations);
      try {
        texts.set(i + 1, await split(i % LONG_EVERY, line, viewers));
      } catch (error) {
        violations.push(`seed ${seed + i}: ${String(error)}`);
        break;
      }
    }
    for (const viewer of all) violations.push(...viewer.violations);
    violations.push(...house.reports);
    await house.close();
    if (violations.length === 0) await afterRestart(folder, texts, seed, violations);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function afterRestart(folder: string, texts: ReadonlyMap<number, Buffer>, seed: number, violations: string[]): Promise<void> {
  const house = await GatewayHouse.open({ folder });
  const viewer = await new Viewer('who came after a restart').connect(house.port);
  try {
    for (const [run_id, written] of texts) {
      viewer.watch(run_id);
      await new Line(house, run_id, seed, violations).compare(viewer, written);
    }
  } catch (error) {
    violations.push(`seed ${seed}, after a restart: ${String(error)}`);
  }
  violations.push(...viewer.violations);
  viewer.drop();
  await house.close();
}

export const faultCase: FaultCase = {
  name: "a viewer's log is the lossy decoding of the file, however it was cut and whenever the viewer joined, and a run ends after its log",
  quick: 40,
  long: 1_000,
  red_runs: 60,
  async run({ runs, seed }): Promise<Found> {
    const violations: string[] = [];
    for (let done = 0; done < runs && violations.length === 0; done += SPLITS_PER_HOUSE) {
      await inOneHouse(Math.min(SPLITS_PER_HOUSE, runs - done), seed + done, violations);
    }
    return { runs, violations: violations.map((what) => `from seed ${seed}: ${what}`) };
  },
  guards: [
    {
      name: 'draining the lane before the end of its run',
      file: 'server/gateway/broadcaster.ts',
      find: '!watches(follower, ends) && ',
      replace: '',
    },
    {
      name: 'one pull of a lane at a time',
      file: 'server/gateway/lane.ts',
      find: 'const pulled = this.#pulling.then(() => this.#pull(limit, paced));',
      replace: 'const pulled = this.#pull(limit, paced);',
    },
    {
      name: 'saying what is left out',
      file: 'server/gateway/lanes.ts',
      find: 'if (lane.known > lane.offset) this.#deps.onGap(lane.run_id, lane.offset, lane.known);',
      replace: '',
    },
    {
      name: 'a lane that goes on after a gap',
      file: 'server/gateway/lanes.ts',
      find: '    if (!lane.closed) this.open(',
      replace: '    if (lane.closed && lane.run_id < 0) this.open(',
    },
  ],
};
