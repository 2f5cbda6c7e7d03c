/** A disk that fails a sync, one that fills up under a running server, and one that is full or read-only when a server starts. */
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { seeded, type Asked, type FaultCase, type Found } from '../kit/case.ts';
import { bootOn, canMount, type Disk } from '../kit/disk_house.ts';
import type { Said } from '../kit/server_operators.ts';
import { ServerUnderLoad } from '../kit/server_under_load.ts';
import { traced, type Injection } from '../kit/strace.ts';

const MINE = 'Ana';
/** Asks for nothing that could change: refused when the log works, and recorded as such. */
const HARMLESS = { path: '/api/v1/projects/app/rollback/production', body: { reason: 'asks the disk' } };
/** Later than the calls of a boot. */
const FIRST_CALL = 25;
const CALLS = 40;
/** Failing writes before there is room again. */
const FULL_FOR = 12;
const TRIES = 400;

export const faultCase: FaultCase = {
  name: 'a failing or full disk stops commands with a reason and nothing else, and costs nothing that was acknowledged',
  quick: null,
  long: 24,
  red_runs: 4,
  needs: 'strace',
  deadline_ms: 1_200_000,
  run: onBadDisks,
  guards: [
    {
      name: 'nothing is appended after a failed sync',
      file: 'server/eventlog/sqlite.ts',
      find: "if (failure.code === 'broken') this.#broken ??= failure;",
      replace: '',
    },
    {
      name: 'a full disk is told from a broken one',
      file: 'server/eventlog/sqlite/errors.ts',
      find: "[SQLITE_FULL, 'full'],",
      replace: '',
    },
    {
      name: 'what is shown was stored before',
      file: 'server/recorder.ts',
      find: 'await this.#deps.log.append(batch.commits, { expect_head: this.#head.seq_no });',
      replace:
        '{ const expect_head = this.#head.seq_no; nextTurn().then(() => this.#deps.log.append(batch.commits, { expect_head })).catch(() => undefined); }',
    },
  ],
};

type Trouble = (house: ServerUnderLoad, random: ReturnType<typeof seeded>) => Promise<string[]>;

async function onBadDisks({ runs, seed }: Asked): Promise<Found> {
  const random = seeded(seed);
  const mounts = canMount();
  const boot =
    (disk: Disk): Trouble =>
    (house) =>
      mounts ? startsOn(disk, house) : Promise.resolve([]);
  const troubles: readonly Trouble[] = [failsSync, fillsUp, boot('full'), boot('read-only')];
  const violations: string[] = [];
  for (let done = 0; done < runs; done++) {
    const house = await ServerUnderLoad.make(seed * 1_000 + done);
    try {
      house.watch();
      const found = (await troubles[done % troubles.length]?.(house, random)) ?? [];
      violations.push(...found.map((each) => `seed ${seed}, run ${done + 1}: ${each}`));
    } finally {
      violations.push(...(await house.remove()));
    }
  }
  return {
    runs,
    violations,
    figure: `failed syncs, filling up, ${mounts ? 'starts on a full and on a read-only disk' : 'no starts on bad disks: this machine allows no mounts'}`,
  };
}

/** One sync of the WAL fails; the disk may have dropped what it held. */
async function failsSync(house: ServerUnderLoad, random: ReturnType<typeof seeded>): Promise<string[]> {
  const from = FIRST_CALL + random.below(CALLS);
  await house.start(onWal({ calls: ['fsync', 'fdatasync'], do: { type: 'fail', errno: 'EIO' }, from }, house));
  house.push();
  const found: string[] = [];
  const refused = await pressUntil(house, (status) => status === 503);
  if (refused === null) return ['no command was refused although a sync failed'];
  if (!/disk/.test(refused.detail)) found.push(`the refusal does not say that the disk failed: ${refused.detail}`);
  const said = [refused];
  for (let i = 0; i < 5; i++) {
    const again = await ask(house);
    said.push(again);
    if (again.status !== 503) found.push(`a command was answered ${again.status} after a failed sync`);
  }
  if ((await house.server.status('/readyz')) !== 503) found.push('/readyz does not say that it takes no commands');
  found.push(...(await goesOnShowing(house)));
  await house.server.kill();
  await house.start();
  // The sync failed, but what was to be synced may be found by the next start: a refusal must not say otherwise.
  const stored = new Set((await house.log()).map((envelope) => envelope.key));
  for (const { key, detail } of said)
    if (stored.has(key) && /nothing was recorded/.test(detail))
      found.push(`command ${key} was told that nothing was recorded, and after the next start it was`);
  await house.repeatCommands(5);
  return [...found, ...(await house.check())];
}

/** Writes to the log find no room for a while. */
async function fillsUp(house: ServerUnderLoad, random: ReturnType<typeof seeded>): Promise<string[]> {
  const from = 2 * (FIRST_CALL + random.below(CALLS)) + 60;
  const to = from + FULL_FOR - 1;
  await house.start(onWal({ calls: ['pwrite64'], do: { type: 'fail', errno: 'ENOSPC' }, from, to }, house));
  const found: string[] = [];
  const refused = await pressUntil(house, (status) => status === 507 || status === 503);
  if (refused === null) return ['no command was refused although the disk was full'];
  if (refused.status !== 507 || !/full/.test(refused.detail))
    found.push(`a full disk was answered with ${refused.status}: ${refused.detail}`);
  found.push(...(await goesOnShowing(house)));
  const again = await pressUntil(house, (status) => status === 202 || status === 409);
  if (again === null) found.push('commands do not go on although there is room again');
  else if ((await house.server.status('/readyz')) !== 200) found.push('/readyz says it takes no commands although there is room again');
  house.press();
  await pause(200);
  await house.operators.end();
  found.push(...(await house.check()));
  await house.server.kill();
  await house.start();
  await house.repeatCommands(5);
  return [...found, ...(await house.check())];
}

/** A log that was in use when the power went, on a disk that takes nothing. */
async function startsOn(disk: Disk, house: ServerUnderLoad): Promise<string[]> {
  await house.start();
  house.press();
  house.push();
  await pause(700);
  await house.server.kill();
  await house.operators.end();
  await house.pushed();
  const { code, said, changed } = await bootOn(disk, house.line, house.port);
  const found: string[] = [];
  if (code !== 1) found.push(`a start on a ${disk} disk ended with ${code}: ${said}`);
  if (said.includes('    at ')) found.push(`a start on a ${disk} disk printed a stack trace: ${said.slice(0, 300)}`);
  if (!(disk === 'full' ? /no space/ : /read-only/).test(said))
    found.push(`a start on a ${disk} disk does not say why it ended: ${said.slice(0, 300)}`);
  if (changed.length > 0) found.push(`a start on a ${disk} disk changed the folder: ${changed.slice(0, 6).join(', ')}`);
  await house.start();
  await house.repeatCommands(5);
  return [...found, ...(await house.check())];
}

function onWal(injection: Omit<Injection, 'paths'>, house: ServerUnderLoad): { before: string[] } {
  return { before: traced({ ...injection, paths: [join(house.line.data, 'events.db-wal')] }) };
}

async function ask(house: ServerUnderLoad): Promise<Said> {
  return (await house.operators.send(MINE, HARMLESS)) ?? { status: 0, detail: 'no answer', key: '' };
}

/** One command after another. @returns the first answer that is meant; null when none was. */
async function pressUntil(house: ServerUnderLoad, isMeant: (status: number) => boolean): Promise<Said | null> {
  for (let i = 0; i < TRIES; i++) {
    const said = await ask(house);
    if (isMeant(said.status)) return said;
  }
  return null;
}

/** Viewers keep their link and their state, and new ones get it, too. */
async function goesOnShowing(house: ServerUnderLoad): Promise<string[]> {
  const found: string[] = [];
  if ((await house.server.status('/api/v1/state')) !== 200) found.push('the state is not shown while commands are refused');
  if ((await house.server.status('/api/v1/events?after=0')) !== 200) found.push('events are not shown while commands are refused');
  for (const viewer of house.viewers) if (viewer.lastClosed !== null) found.push(`${viewer.name} lost its link when the disk failed`);
  return found;
}
