/** Bytes of the data folder changed, cut off, exchanged or removed while the server is down. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { ServerUnderLoad } from '../kit/server_under_load.ts';

type Random = ReturnType<typeof seeded>;

export const faultCase: FaultCase = {
  name: 'a damaged log is never served as if it were whole',
  quick: null,
  long: 200,
  red_runs: 2,
  needs: 'git',
  deadline_ms: 1_800_000,
  run: damageAnywhere,
  guards: [
    {
      name: 'the anchor is compared with the log',
      file: 'server/eventlog/sqlite/epoch.ts',
      find: 'const loss = findLoss(links, anchor, head, known);',
      replace: 'const loss = known === null ? findLoss(links, anchor, head, known) : null;',
    },
    {
      name: 'each row is checked against the chain',
      file: 'server/eventlog/row.ts',
      find: 'if (hashOf(row, before.hash) !== row.hash) throw changed(row.first_seq);',
      replace: '',
    },
  ],
};

/** As it was left: by kill -9, with all of the newest in the WAL, or by a stop, with all of it in the database; and one from before. */
interface Copies {
  killed: string;
  stopped: string;
  earlier: string;
}

/** What the server said before anything was damaged. */
interface Known {
  epoch: string;
  killed: Envelope[];
  stopped: Envelope[];
}

interface Damage {
  name: string;
  of: 'killed' | 'stopped';
  do: (data: string, random: Random, copies: Copies) => string;
}

/** The first ones are what a quick share sees, and what shows a guard that is gone. */
const DAMAGES: readonly Damage[] = [
  { name: 'the WAL is cut', of: 'killed', do: (data, random) => cut(join(data, 'events.db-wal'), random) },
  { name: 'another name is written into an event', of: 'stopped', do: (data, random) => rename(join(data, 'events.db'), random) },
  { name: 'an event is exchanged for one with another history', of: 'stopped', do: (data, _, { earlier }) => mix(data, earlier) },
  { name: 'bytes of the WAL change', of: 'killed', do: (data, random) => flip(join(data, 'events.db-wal'), random) },
  { name: 'bytes of the database change', of: 'stopped', do: (data, random) => flip(join(data, 'events.db'), random) },
  { name: 'bytes of the database change under a WAL', of: 'killed', do: (data, random) => flip(join(data, 'events.db'), random) },
  { name: 'the database is cut', of: 'stopped', do: (data, random) => cut(join(data, 'events.db'), random) },
  { name: 'the WAL is gone', of: 'killed', do: (data) => remove(join(data, 'events.db-wal')) },
  { name: 'bytes of the anchor change', of: 'killed', do: (data, random) => flip(join(data, 'anchor'), random) },
  { name: 'the anchor is cut', of: 'killed', do: (data, random) => cut(join(data, 'anchor'), random) },
  { name: 'the anchor is gone', of: 'stopped', do: (data) => remove(join(data, 'anchor')) },
  { name: 'the database is gone', of: 'stopped', do: (data) => remove(join(data, 'events.db')) },
  { name: 'an older database was put back', of: 'stopped', do: (data, _, { earlier }) => putBack(data, earlier) },
  { name: 'bytes of a snapshot change', of: 'stopped', do: (data, random) => flipSnapshot(data, random) },
];

/** Commands that only leave a refusal behind: quick history with names and keys in it. */
const COMMANDS = 60;
const [NAME, OTHER_NAME] = ['local:Ana', 'local:Eve'];
const ASKED = { path: '/api/v1/projects/app/rollback/production', body: { reason: 'to have a history' } };

async function damageAnywhere({ runs, seed }: Asked): Promise<Found> {
  const random = seeded(seed);
  const violations: string[] = [];
  const ends = { harmless: 0, 'new epoch': 0, refused: 0, 'reads fail': 0 };
  const house = await ServerUnderLoad.make(seed);
  const copies = Object.fromEntries(
    ['killed', 'stopped', 'earlier'].map((name) => [name, join(house.line.folder, `copy-${name}`)]),
  ) as unknown as Copies;
  const known: Known = { epoch: '', killed: [], stopped: [] };
  try {
    await makeHistory(house, copies, known, runs);
    for (let done = 0; done < runs && violations.length < 20; done++) {
      const damage = DAMAGES[done % DAMAGES.length];
      if (damage === undefined) break;
      putBack(house.line.data, copies[damage.of]);
      const where = damage.do(house.line.data, random, copies);
      const end = await startOn(house, known.epoch, known[damage.of]);
      if (end.type === 'wrong') violations.push(`seed ${seed}, run ${done + 1}, ${damage.name} (${where}): ${end.what}`);
      else ends[end.type]++;
    }
  } finally {
    violations.push(...(await house.remove()));
  }
  const figure = Object.entries(ends)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  return { runs, violations, figure };
}

async function makeHistory(house: ServerUnderLoad, copies: Copies, known: Known, runs: number): Promise<void> {
  const { data } = house.line;
  const work = async (): Promise<void> => {
    for (let i = 0; i < COMMANDS; i++) await house.operators.send('Ana', ASKED);
  };
  // Few runs do not come to the damages that need more than one copy.
  if (runs > 2) {
    await house.start();
    await work();
    await house.server.stop();
    cpSync(data, copies.earlier, { recursive: true });
  }
  await house.start();
  await work();
  known.epoch = await epochOf(house);
  known.killed = await house.log();
  await house.server.kill();
  cpSync(data, copies.killed, { recursive: true });
  if (runs === 1) return;
  await house.start();
  await work();
  known.stopped = await house.log();
  await house.server.stop();
  cpSync(data, copies.stopped, { recursive: true });
}

type End = { type: 'harmless' | 'new epoch' | 'refused' | 'reads fail' } | { type: 'wrong'; what: string };

async function startOn(house: ServerUnderLoad, before: string, known: readonly Envelope[]): Promise<End> {
  const server = house.spawn();
  try {
    await server.ready();
  } catch {
    const said = server.printed;
    await server.kill();
    const { code } = await server.gone;
    if (code !== 1) return { type: 'wrong', what: `it ended with ${code}: ${said.slice(-600)}` };
    if (said.includes('    at ') || !/event log/.test(said))
      return { type: 'wrong', what: `it does not say clearly why it did not start: ${said.slice(-600)}` };
    return { type: 'refused' };
  }
  try {
    return await judgeServed(house, before, known);
  } finally {
    await house.server.kill();
  }
}

/** What is served is the whole history, or says what is missing from it. */
async function judgeServed(house: ServerUnderLoad, before: string, known: readonly Envelope[]): Promise<End> {
  let log: Envelope[];
  try {
    log = await house.log();
  } catch (error) {
    if (/answered 5\d\d/.test(String(error))) return { type: 'reads fail' };
    throw error;
  }
  const same = known.findIndex((envelope, index) => !isDeepStrictEqual(envelope, log[index]));
  if (same === -1) return { type: 'harmless' };
  const told = log.find((envelope) => envelope.kind === 'history_gap' && envelope.seq_no > same);
  const epoch = await epochOf(house);
  if (epoch === before) return { type: 'wrong', what: `events from ${same + 1} on are others, in the same epoch` };
  if (told === undefined) return { type: 'wrong', what: `events from ${same + 1} on are others, and no history_gap tells of it` };
  const first = log[same];
  if (first !== undefined && first.at < (known.at(-1)?.at ?? ''))
    return { type: 'wrong', what: `event ${same + 1} is an old one with other content: ${first.kind}` };
  // Told once: the next start finds nothing new.
  await house.server.stop();
  await house.start();
  if ((await epochOf(house)) !== epoch) return { type: 'wrong', what: 'the epoch changed again at the next start' };
  const later = await house.log();
  if (log.some((envelope, index) => !isDeepStrictEqual(envelope, later[index])))
    return { type: 'wrong', what: 'the history changed again at the next start' };
  return { type: 'new epoch' };
}

async function epochOf(house: ServerUnderLoad): Promise<string> {
  return ((await house.server.json('/api/v1/events?after=0&limit=1')) as { epoch: string }).epoch;
}

function flip(file: string, random: Random): string {
  const data = readFileSync(file);
  const at = random.below(data.length);
  const count = 1 + random.below(64);
  for (let i = at; i < Math.min(at + count, data.length); i++) data.writeUInt8(data.readUInt8(i) ^ (1 + random.below(255)), i);
  writeFileSync(file, data);
  return `${count} bytes at ${at} of ${data.length}`;
}

function cut(file: string, random: Random): string {
  const { size } = statSync(file);
  const left = random.below(size);
  truncateSync(file, left);
  return `${left} of ${size} bytes left`;
}

function remove(file: string): string {
  rmSync(file);
  return 'removed';
}

/** Texts of the same length, so that nothing but the text is wrong; from some place on all of them, because a page also keeps copies that are no longer used. */
function rename(file: string, random: Random): string {
  const data = readFileSync(file);
  const places: number[] = [];
  for (let at = data.indexOf(NAME); at >= 0; at = data.indexOf(NAME, at + 1)) places.push(at);
  const first = random.below(places.length / 2);
  for (const at of places.slice(first)) data.write(OTHER_NAME, at);
  writeFileSync(file, data);
  return `${places.length - first} times from ${places[first]} on`;
}

/** The whole folder of before, but the anchor of now. */
function mix(data: string, earlier: string): string {
  const anchor = readFileSync(join(data, 'anchor'));
  putBack(data, earlier);
  writeFileSync(join(data, 'anchor'), anchor);
  return 'an earlier folder under a later anchor';
}

function putBack(data: string, copy: string): string {
  const anchorOnly = copy.endsWith('copy-earlier');
  if (!anchorOnly) rmSync(data, { recursive: true, force: true });
  const names = anchorOnly ? ['events.db', 'events.db-wal', 'events.db-shm'] : readdirSync(copy);
  for (const name of names) {
    rmSync(join(data, name), { recursive: true, force: true });
    if (existsSync(join(copy, name))) cpSync(join(copy, name), join(data, name), { recursive: true });
  }
  return 'put back';
}

function flipSnapshot(data: string, random: Random): string {
  const folder = join(data, 'snapshots');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  if (files.length === 0) return 'there is none';
  return flip(join(folder, random.pick(files)), random);
}
