/**
 * A simulated world: one server after another over disks, nodes and processes that fail, pages and people that come and go, and one seed that
 * decides everything. First a storm of faults and commands, then a calm in which all that is owed must come to its end. The invariant: the seed
 * is the only input; the same seed gives the same trace in any process. `run` tells what was broken, with the last steps before it.
 */
import { decodeLossy } from '../../../server/logstore/utf8_cut.ts';
import type { Config } from '../../../server/config/config.ts';
import type { Answer } from '../../../src/shared/protocol/commands.ts';
import { seeded } from '../kit/case.ts';
import { Disk } from './disk.ts';
import { standIn } from './folders.ts';
import { Life } from './life.ts';
import { drawLine, shapeOf, SimulatedRepository } from './line.ts';
import { Machine } from './machine.ts';
import { Nodes } from './nodes.ts';
import { Operator } from './operator.ts';
import { PlainReader } from './plain_reader.ts';
import type { Door, ViewerChecks } from './ports.ts';
import { Promises } from './promises.ts';
import { concludeIn, owedIn, type Inside } from './quiet.ts';
import { Releases } from './releases.ts';
import { RunFiles } from './run_logs.ts';
import { Schedule, settled } from './schedule.ts';
import { Storm } from './storm.ts';
import { temperOf, type Temper } from './temper.ts';
import { Trace } from './trace.ts';
import { Viewer } from './viewer.ts';

/** Steps of the storm. */
const STORM_MOST = 450;
const STORM_LEAST = 150;
/** Simulated time within which everything owed must have ended once faults have. */
const CALM_MOST_MS = 20 * 60_000;
const REBOOT_MOST_MS = 3_000;
const CLOSE_WITHIN_MS = 5_000;
const LOST_TAIL = 0.15;
const LOST_MOST = 12;

export interface Ended {
  /** Of everything that happened. */
  trace: string;
  steps: number;
  events: number;
  /** In words, with the steps before it; null when every promise was kept. */
  violation: string | null;
}

export class World {
  readonly #seed: number;
  readonly #trace = new Trace();
  readonly #schedule: Schedule;
  readonly #promises: Promises;
  readonly #disk: Disk;
  readonly #files: RunFiles;
  readonly #machine: Machine;
  readonly #nodes: Nodes;
  readonly #repository: SimulatedRepository;
  readonly #releases = new Releases((what) => this.#violated(what));
  readonly #folders = new Set<string>();
  readonly #viewers: Viewer[];
  readonly #plain: PlainReader;
  readonly #operators: Operator[];
  readonly #door: Door;
  readonly #draw: () => Config;
  readonly #bytes: (count: number) => Uint8Array;
  readonly #temper: Temper;
  #config: Config;
  #life: Life | null = null;
  #lives = 0;
  #violation: string | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.#schedule = new Schedule(seed, (label) => this.#trace.step(label));
    const schedule = this.#schedule;
    this.#temper = temperOf(schedule);
    const random = seeded(seed ^ 0x5eed);
    this.#bytes = (count) => Uint8Array.from({ length: count }, () => random.below(256));
    const violated = (what: string): void => this.#violated(what);
    this.#promises = new Promises(violated);
    const promises = this.#promises;
    this.#disk = new Disk(schedule, {
      stored: (commits) => {
        for (const { envelopes } of commits) for (const envelope of envelopes) this.#trace.line(`  stored ${JSON.stringify(envelope)}`);
        promises.stored(commits);
      },
      lost: (from, to) => this.#trace.line(`  lost ${from} to ${to}`),
    });
    this.#files = new RunFiles(schedule, {
      creating: (run_id) => promises.acting(run_id),
      twice: (run_id) => violated(`run ${run_id} is begun though it has a log already`),
    });
    this.#machine = new Machine(schedule, (child) => promises.spawning(child, this.#machine.children));
    this.#nodes = new Nodes(schedule, {
      asked: (job, node) => promises.deploying(job, node, this.#machine.children),
      given: (node, before) => promises.fenced(node, before),
      ended: (job) => promises.deployed(job),
    });
    this.#repository = new SimulatedRepository((folder) => void this.#folders.add(folder));
    this.#machine.temper = this.#temper.children;
    this.#nodes.temper = this.#temper.nodes;
    const shape = shapeOf(schedule);
    this.#draw = () => drawLine(schedule, shape);
    this.#config = this.#draw();
    this.#door = this.#newDoor();
    const names = ['ana', 'ben', 'cleo'].slice(0, 1 + schedule.random.below(3));
    const checks: ViewerChecks = {
      violated,
      given: (viewer, item) => promises.given(viewer, item),
      snapshot: (viewer, state) => promises.snapshot(viewer, state),
    };
    this.#viewers = names.map((name) => new Viewer(`${name}'s page`, schedule, this.#door, checks));
    this.#plain = new PlainReader('the plain reader', schedule, this.#door, checks);
    this.#operators = this.#viewers.map(
      (viewer, n) =>
        new Operator(names[n] ?? '', viewer, schedule, this.#door, {
          asked: (key, command) => promises.asked(key, command),
          answered: (key, answer: Answer) => promises.answered(key, answer),
          refused: (key, error) => this.#trace.line(`  ${key} was not taken: ${String(error)}`),
        }),
    );
  }

  async run(): Promise<Ended> {
    try {
      const storm = this.#newStorm();
      this.#repository.push();
      this.#boot();
      const steps = this.#schedule.between(STORM_LEAST, STORM_MOST);
      while (this.#trace.steps < steps && this.#violation === null) {
        await storm.next();
        await this.#after();
      }
      if (this.#violation === null) await this.#calm(storm);
    } catch (error) {
      this.#violated(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      this.#discard();
      await settled();
    }
    const { steps } = this.#trace;
    return { trace: this.#trace.digest(), steps, events: this.#promises.log.length, violation: this.#violation };
  }

  /** Asked anew each time: any step may break a promise. */
  #isBroken(): boolean {
    return this.#violation !== null;
  }

  #violated(what: string): void {
    if (this.#violation !== null) return;
    this.#violation = `seed ${this.#seed}, step ${this.#trace.steps}: ${what}\n${this.#trace.last.map((line) => `      ${line}`).join('\n')}`;
  }

  async #after(): Promise<void> {
    await settled();
    const state = this.#life?.recorder?.state();
    if (state !== undefined && this.#life?.over === false) this.#promises.serverState(state);
  }

  #boot(): void {
    this.#promises.begins();
    const life = new Life(`life-${++this.#lives}`, {
      schedule: this.#schedule,
      disk: this.#disk,
      files: this.#files,
      machine: this.#machine,
      nodes: this.#nodes,
      releases: this.#releases,
      repository: this.#repository,
      config: () => this.#config,
      ring_events: this.#temper.ring_events,
      random: this.#bytes,
      publishing: (envelope) => {
        if (!life.over) this.#promises.published(envelope);
      },
      report: (what, error) => {
        if (!life.over) this.#reported(what, error);
      },
    });
    this.#life = life;
    this.#trace.line(`  ${life.name} begins`);
    standIn({ schedule: this.#schedule, owner: life, folders: this.#folders });
    life.start().catch((error: unknown) => {
      if (life.over) return;
      this.#trace.line(`  ${life.name} does not start: ${String(error)}`);
      this.#down(life);
    });
  }

  #reported(what: string, error: unknown): void {
    this.#trace.line(`  report: ${what}${error instanceof Error ? `: ${error.message}` : ''}`);
    if (/could not be decided|broke the engine|could not be published|listener .*failed|protocol/.test(what))
      this.#violated(`the server reports: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  #down(life: Life): void {
    life.crash();
    for (const wire of this.#door.wires) wire.serverGone();
    this.#life = null;
    this.#schedule.after(this, 1 + this.#schedule.random.below(REBOOT_MOST_MS), () => this.#boot());
  }

  async #crash(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    this.#trace.step('a crash');
    this.#down(life);
    await this.#disk.crash();
    if (this.#schedule.chance(LOST_TAIL)) await this.#loseTail();
  }

  async #loseTail(): Promise<void> {
    const before = this.#disk.head;
    await this.#disk.loseTail(1 + this.#schedule.random.below(LOST_MOST));
    const kept = await this.#disk.commits();
    if (this.#disk.head === before) return;
    this.#promises.lost(this.#disk.head + 1, kept);
    this.#plain.rewind(this.#disk.head);
  }

  #restart(): void {
    const life = this.#life;
    if (life?.up !== true) return;
    const wires = [...this.#door.wires];
    this.#schedule.after(this, CLOSE_WITHIN_MS, () => {
      for (const wire of wires) wire.serverGone();
    });
    life.close().then(
      () => {
        if (life.over) return;
        if (this.#machine.children.size > 0) this.#violated('the server has stopped and left processes behind');
        this.#down(life);
      },
      (error: unknown) => this.#violated(`the server could not be closed: ${String(error)}`),
    );
  }

  async #calm(storm: Storm): Promise<void> {
    this.#trace.step('calm');
    await storm.mend();
    this.#machine.calm = this.#nodes.calm = true;
    for (const node of this.#nodes.all.values()) {
      node.reachable = true;
      node.sick = false;
    }
    for (const who of [...this.#viewers, this.#plain]) who.stall(false);
    for (const operator of this.#operators) operator.calm = true;
    const until = this.#schedule.now + CALM_MOST_MS;
    while (!this.#isBroken()) {
      while (!this.#isBroken() && this.#schedule.pick()) await this.#after();
      await this.#after();
      if (this.#isBroken() || this.#schedule.waiting > 0) continue;
      const owed = owedIn(this.#inside());
      if (owed === null) break;
      if (this.#schedule.now > until) return this.#violated(`it is calm since ${CALM_MOST_MS / 60_000} minutes, and ${owed}`);
      this.#schedule.pass();
      await this.#after();
    }
    if (!this.#isBroken()) concludeIn(this.#inside(), (what) => this.#violated(what));
  }

  #inside(): Inside {
    return {
      life: this.#life,
      disk: this.#disk,
      files: this.#files,
      machine: this.#machine,
      operators: this.#operators,
      viewers: this.#viewers,
      plain: this.#plain,
      promises: this.#promises,
    };
  }

  #newStorm(): Storm {
    return new Storm({
      schedule: this.#schedule,
      trace: this.#trace,
      temper: this.#temper,
      disk: this.#disk,
      nodes: this.#nodes,
      repository: this.#repository,
      viewers: this.#viewers,
      plain: this.#plain,
      operators: this.#operators,
      promises: this.#promises,
      life: () => this.#life,
      redraw: () => void (this.#config = this.#draw()),
      crash: () => this.#crash(),
      restart: () => this.#restart(),
    });
  }

  #newDoor(): Door {
    return {
      wires: new Set(),
      upgrade: () => {
        const gateway = this.#life?.up === true ? this.#life.gateway : null;
        return gateway === null ? null : (request, socket, head) => gateway.handleUpgrade(request, socket, head);
      },
      submit: () => {
        const life = this.#life;
        const desk = life?.up === true ? life.desk : null;
        return life === null || desk === null ? null : { life, submit: (command, actor, key) => desk.submit(command, actor, key) };
      },
      head: () => this.#disk.head,
      log: (run_id, from, to) => decodeLossy(this.#files.bytesOf(run_id).subarray(from, to)),
    };
  }

  #discard(): void {
    if (this.#life !== null) this.#life.crash();
    this.#life = null;
    for (const wire of this.#door.wires) wire.discard();
    standIn(null);
  }
}
