/**
 * Readers of the event stream that lose their connection and come back with `Last-Event-ID`, while events are recorded: each event once and in
 * order. A place that is not in this log is answered with `reset`, one that was trimmed with `history_gap`, and the stream goes on where that
 * says. A reader that stops costs a bounded piece of text, and has everything once it reads on.
 */
import type { EventLog } from '../../../server/eventlog/port.ts';
import { encodePlain } from '../../../src/shared/protocol/codec.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse, statesOf, told, trim } from '../kit/delivery_house.ts';
import { Load } from '../kit/delivery_load.ts';
import { StreamReader } from '../kit/delivery_sse.ts';

const READERS = 8;
const EVENTS_PER_S = 1_000;
/** Recorded for each time they come. */
const EVENTS_A_TIME = 200;
const HELD_MOST_BYTES = 1024 * 1024;
/** More than the kernel takes for a reader that stopped. */
const STALL_BYTES = 24 * 1024 * 1024;
const STALL_EVENT_BYTES = 32 * 1024;
const KINDS = ['beyond', 'other_epoch', 'other_event', 'below_floor', 'head'] as const;

async function comeAndGo(
  reader: StreamReader,
  house: DeliveryHouse,
  times: number,
  last: number,
  random: ReturnType<typeof seeded>,
): Promise<void> {
  for (let i = 0; i < times; i++) {
    await reader.connect(house.port, reader.lastEventId === null ? '?after=0' : '');
    const enough = Math.min(reader.upto + random.below(200), last);
    if (random.below(4) > 0) await reader.until(`to reach ${enough}`, () => reader.upto >= enough);
  }
}

function judge(reader: StreamReader): string[] {
  const at = reader.seqs.findIndex((seq_no, i) => seq_no !== (reader.seqs[0] ?? 0) + i);
  const wrong = at === -1 ? [] : [`${reader.name}: event ${reader.seqs[at]} after event ${reader.seqs[at - 1]}`];
  if (reader.told.some(({ event }) => event !== 'message')) wrong.push(`${reader.name}: was told that something is missing`);
  return wrong;
}

/** One that comes from a place this log does not have. */
async function strange(house: DeliveryHouse, floor: number, kind: (typeof KINDS)[number]): Promise<string[]> {
  const { epoch, head } = house.log.bounds();
  const id = (await house.log.read(head - 1, 1)).envelopes[0]?.id ?? '';
  const from = {
    beyond: `${epoch}:${head + 50}:${crypto.randomUUID()}`,
    other_epoch: `0-other:${head}:${id}`,
    other_event: `${epoch}:${head}:${crypto.randomUUID()}`,
    below_floor: `${epoch}:${floor - 5}:${crypto.randomUUID()}`,
    head: `${epoch}:${head}:${id}`,
  }[kind];
  const reader = new StreamReader(`a reader from "${kind}"`, from);
  await reader.connect(house.port);
  try {
    if (kind !== 'head') await reader.until('to be told', () => reader.told.length > 0, 5_000);
    const first = kind === 'below_floor' ? floor + 1 : head + 1;
    const expected = { beyond: 'reset', other_epoch: 'reset', other_event: 'reset', below_floor: 'history_gap', head: 'message' }[kind];
    await house.recordMany(3);
    await reader.until(`to reach ${head + 3}`, () => reader.upto >= head + 3, 5_000);
    const wrong: string[] = [];
    if (reader.told[0]?.event !== expected) wrong.push(`is answered with ${reader.told[0]?.event}, not ${expected}`);
    if (reader.seqs.length !== head + 4 - first || reader.seqs[0] !== first)
      wrong.push(`has ${reader.seqs.length} events from ${reader.seqs[0]}, not all from ${first}`);
    return wrong.map((each) => `${reader.name} ${each}`);
  } catch (error) {
    return [String(error)];
  } finally {
    reader.drop();
  }
}

/** What is read for streams: each event once, as long as it is when sent. */
function counting(log: EventLog, add: (bytes: number) => void): Pick<EventLog, 'read' | 'bounds'> {
  let counted = 0;
  return {
    bounds: () => log.bounds(),
    async read(...asked) {
      const page = await log.read(...asked);
      for (const envelope of page.envelopes.filter(({ seq_no }) => seq_no > counted)) {
        counted = envelope.seq_no;
        add(encodePlain(envelope).length);
      }
      return page;
    },
  };
}

async function stalled(): Promise<{ wrong: string[]; held: number }> {
  let made = 0;
  const house = await DeliveryHouse.open({ seen: (log) => counting(log, (bytes) => (made += bytes)) });
  const reader = new StreamReader('a reader that stops');
  try {
    const [sockets, stop] = connectionsOf(house);
    await reader.connect(house.port);
    await house.record(told(0));
    await reader.until('to begin', () => reader.upto === 1);
    reader.stopReading();
    const count = Math.ceil(STALL_BYTES / STALL_EVENT_BYTES);
    for (let i = 0; i < count; i += 64) await house.recordMany(Math.min(64, count - i), (n) => told(n, STALL_EVENT_BYTES));
    stop();
    const taken = sockets().reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
    const held = made - taken;
    reader.read();
    await reader.until(`to reach ${house.head}`, () => reader.upto >= house.head, 20_000);
    const wrong = judge(reader);
    if (held > HELD_MOST_BYTES) wrong.push(`${held} bytes were held for a reader that stopped`);
    return { wrong: [...wrong, ...house.reports], held };
  } finally {
    reader.drop();
    await house.close();
  }
}

/** The server's ends of its connections. */
function connectionsOf(house: DeliveryHouse): [() => { bytesWritten: number; writableLength: number }[], () => void] {
  const sockets: { bytesWritten: number; writableLength: number }[] = [];
  const onConnection = (socket: { bytesWritten: number; writableLength: number }): void => void sockets.push(socket);
  house.server.on('connection', onConnection);
  return [() => sockets, () => house.server.off('connection', onConnection)];
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const violations: string[] = [];
  const first = await DeliveryHouse.open();
  for (let n = 0; n < 20; n++) await first.recordMany(10);
  const states = statesOf(await first.all());
  await first.stop();
  const floor = trim(first.folder, 60);
  const trimmed = await DeliveryHouse.open({ folder: first.folder, ...(states[floor] === undefined ? {} : { initial: states[floor] }) });
  const house = await DeliveryHouse.open();
  const readers = Array.from({ length: READERS }, (_, i) => new StreamReader(`reader ${i}`));
  try {
    await house.recordMany(100);
    const times = Math.max(2, Math.ceil(runs / READERS));
    const load = new Load(house, EVENTS_PER_S, times * EVENTS_A_TIME);
    await Promise.all(readers.map((reader, i) => comeAndGo(reader, house, times, load.last, seeded(seed * 1_000 + i))));
    await load.over();
    await Promise.all(readers.map((reader) => reader.connect(house.port, reader.lastEventId === null ? '?after=0' : '')));
    await Promise.all(readers.map((reader) => reader.until(`to reach ${house.head}`, () => reader.upto >= house.head, 10_000)));
    violations.push(...readers.flatMap(judge).map((each) => `seed ${seed}: ${each}`));
    for (const kind of KINDS) violations.push(...(await strange(trimmed, floor, kind)));
    const { wrong, held } = await stalled();
    violations.push(...wrong, ...house.reports, ...trimmed.reports);
    return { runs: times * READERS + KINDS.length + 1, violations, figure: `a reader that stopped held ${(held / 1024).toFixed(0)} KiB` };
  } catch (error) {
    return { runs, violations: [...violations, `seed ${seed}: ${String(error)}`] };
  } finally {
    for (const reader of readers) reader.drop();
    await house.close();
    await trimmed.close();
  }
}

export const faultCase: FaultCase = {
  name: 'The event stream gives each event once over any break, says what it cannot give, and holds little for who stops',
  quick: 40,
  long: 500,
  run,
  guards: [
    {
      name: 'one piece ahead',
      file: 'server/http/stream_route.ts',
      find: 'highWaterMark: 1 }',
      replace: 'highWaterMark: 1_000_000 }',
    },
    { name: 'the id check', file: 'server/http/reader_position.ts', find: 'last?.id === id', replace: 'last !== undefined' },
    { name: 'the epoch check', file: 'server/http/reader_position.ts', find: 'epoch !== null && epoch !== bounds.epoch', replace: 'false' },
    {
      name: 'the log as the source',
      file: 'server/http/event_stream.ts',
      find: 'after = Math.max(after, piece.upto);',
      replace: 'after = source.log.bounds().head;',
    },
  ],
  red_runs: 40,
};
