/** A data folder with a long history, a server over it that is killed and started again, and what it must say each time. */
import { deepStrictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../server/clock.ts';
import { loadConfig } from '../../../server/config/load.ts';
import type { EventLog } from '../../../server/eventlog/port.ts';
import { openSqliteEventLog } from '../../../server/eventlog/sqlite.ts';
import { SNAPSHOT_EVERY_EVENTS } from '../../../server/snapshots/snapshot_keeper.ts';
import { systemRandom } from '../../../server/uuid.ts';
import type { State } from '../../../src/shared/fold/state.ts';
import { freePort, Line } from '../../support/line.ts';
import { ServerProcess } from '../kit/server_process.ts';
import { LongHistory } from './long_history.ts';
import { lying, type Lie } from './lying_snapshot.ts';
import { WholeFold } from './whole_fold.ts';

/** A refold of a million events on a machine that does other things, too. */
const READY_WITHIN_MS = 900_000;
const LOOK_AGAIN_MS = 5;
const SNAPSHOT = /^(?<seq_no>\d+)\.snapshot$/;

export interface Start {
  /** From the spawn to the first 200 of /readyz. */
  ready_ms: number;
  /** Processor time it took for that: what it would take on a machine that does nothing else. */
  cpu_ms: number;
  /** Events it says it has read, one number an answer, until it was ready. */
  progress: { done: number; total: number }[];
  /** Events it had to read, as its metrics say. */
  folded: number;
}

export class BootHouse {
  readonly #line: Line;
  readonly #history: LongHistory;
  readonly #truth = new WholeFold();
  readonly #port: number;
  #server: ServerProcess | null = null;
  /** Commands of this house with the status they got, by key. */
  readonly #asked = new Map<string, string>();

  private constructor(line: Line, history: LongHistory, port: number) {
    this.#line = line;
    this.#history = history;
    this.#port = port;
  }

  static async build(events: number, seed: number): Promise<BootHouse> {
    const line = await Line.make();
    const house = new BootHouse(line, new LongHistory(seed), await freePort());
    await house.#withLog((log) => house.#history.begin(log, loadConfig(line.config, process.env), events, Date.now()));
    return house;
  }

  /** As far behind its newest snapshot as a log ever is. */
  async growToTheNextSnapshot(): Promise<void> {
    await this.#withLog(async (log) => {
      const missing = this.#snapshotAt() + SNAPSHOT_EVERY_EVENTS - 50 - log.bounds().head;
      if (missing > 0) await this.#history.grow(log, missing, Date.now());
    });
  }

  /** Leaves one snapshot only, and that one must not be believed. */
  lie(lie: Lie): void {
    const file = join(this.#snapshots, `${this.#snapshotAt()}.snapshot`);
    const text = lying(readFileSync(file, 'utf8'), lie);
    this.forgetSnapshots();
    writeFileSync(file, text);
  }

  forgetSnapshots(): void {
    rmSync(this.#snapshots, { recursive: true, force: true });
    mkdirSync(this.#snapshots);
  }

  async start(): Promise<Start> {
    const began_ms = performance.now();
    const server = ServerProcess.spawn(this.#line, this.#port);
    this.#server = server;
    const progress: Start['progress'] = [];
    for (;;) {
      if (server.hasGone) throw new Error(`the server ended: ${server.printed.slice(-2_000)}`);
      const ready_ms = performance.now() - began_ms;
      if (ready_ms > READY_WITHIN_MS) throw new Error(`not ready after ${ready_ms} ms: ${server.printed.slice(-2_000)}`);
      const answer = await fetch(`${server.url}/readyz`).catch(() => null);
      if (answer?.status === 200)
        return { ready_ms, cpu_ms: cpuOf(server.pid), progress, folded: await this.#metric('signalbox_boot_events_folded') };
      if (answer !== null) progress.push(((await answer.json()) as { progress: Start['progress'][number] }).progress);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Asks for what is refused, because nothing was pushed: an event with a key. */
  async command(key: string): Promise<void> {
    const answer = await fetch(`${this.#running.url}/api/v1/projects/app/rebuild`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, 'x-signalbox-actor': 'local:Ana' },
      body: '{}',
    });
    this.#asked.set(key, answer.status === 409 ? 'refused' : `${answer.status} ${await answer.text()}`);
  }

  /** What the server says and the whole log does not. It is killed before the log is read. */
  async lookAndKill(sample: readonly number[]): Promise<string[]> {
    const wrong: string[] = [];
    const server = this.#running;
    this.#asked.set(this.#history.key, 'applied');
    for (const [key, status] of this.#asked) {
      const said = (await server.json(`/api/v1/commands/${key}`)) as { status: string };
      if (said.status !== status) wrong.push(`the command ${key} was ${status}, and the server says ${said.status}`);
    }
    const { state } = (await server.json('/api/v1/state')) as { state: State };
    const runs = new Map<number, unknown>();
    for (const run_id of sample) {
      const answer = await fetch(`${server.url}/api/v1/runs/${run_id}`);
      const run: unknown = await answer.json();
      // Forgotten, as the oldest of very many are.
      runs.set(run_id, answer.status === 404 ? null : run);
    }
    await this.kill();
    await this.#withLog((log) => this.#truth.follow(log, state.seq_no));
    wrong.push(...differs('the state', state, this.#truth.state));
    for (const [run_id, run] of runs) wrong.push(...differs(`run ${run_id}`, run, this.#truth.runs.get(run_id)));
    return wrong;
  }

  /** Resolves when a kill would leave a usable snapshot that is not older than they ever are. */
  async untilSnapshot(): Promise<void> {
    while ((await this.#metric('signalbox_snapshot_age_events')) >= SNAPSHOT_EVERY_EVENTS) await pause(LOOK_AGAIN_MS);
  }

  get lastRun(): number {
    return this.#truth.state.last_run_id;
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.#line.remove();
  }

  get #running(): ServerProcess {
    if (this.#server === null) throw new Error('no server runs');
    return this.#server;
  }

  get #snapshots(): string {
    return join(this.#line.data, 'snapshots');
  }

  /** seq_no of the newest; 0 when there is none. */
  #snapshotAt(): number {
    return Math.max(0, ...readdirSync(this.#snapshots).map((name) => Number(SNAPSHOT.exec(name)?.groups?.['seq_no'] ?? 0)));
  }

  async #metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#running.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  }

  async #withLog(use: (log: EventLog) => Promise<void>): Promise<void> {
    const log = await openSqliteEventLog({ folder: this.#line.data, clock: systemClock, random: systemRandom });
    try {
      await use(log);
    } finally {
      await log.close();
    }
  }
}

/** Fields 14 and 15 of `/proc/<pid>/stat`, in ticks of 10 ms; the name in parentheses may hold spaces. 0 where there is no /proc. */
function cpuOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const stat = readFileSync(file, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function differs(what: string, said: unknown, is: unknown): string[] {
  try {
    deepStrictEqual(said, is === undefined ? is : JSON.parse(JSON.stringify(is)));
    return [];
  } catch (error) {
    return [`${what} is not what the whole log gives: ${error instanceof Error ? error.message.slice(0, 400) : String(error)}`];
  }
}
