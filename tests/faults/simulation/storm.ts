/** What befalls a world while it storms: the next thing that is due, or a fault, or somebody who does something. */
import type { Disk } from './disk.ts';
import type { Life } from './life.ts';
import type { SimulatedRepository } from './line.ts';
import type { Nodes } from './nodes.ts';
import type { Operator } from './operator.ts';
import type { PlainReader } from './plain_reader.ts';
import type { Promises } from './promises.ts';
import type { Schedule } from './schedule.ts';
import { nextOf, type Temper } from './temper.ts';
import type { Trace } from './trace.ts';
import type { Viewer } from './viewer.ts';

const DISK_SICK_MOST_MS = 4_000;
const PUT_BACK_MOST_MS = 20_000;

export interface Stage {
  schedule: Schedule;
  trace: Trace;
  temper: Temper;
  disk: Disk;
  nodes: Nodes;
  repository: SimulatedRepository;
  viewers: readonly Viewer[];
  plain: PlainReader;
  operators: readonly Operator[];
  promises: Promises;
  life(): Life | null;
  /** Another config from now on. */
  redraw(): void;
  crash(): Promise<void>;
  restart(): void;
}

export class Storm {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async next(): Promise<void> {
    const { random } = this.#stage.schedule;
    switch (nextOf(this.#stage.temper, random.next())) {
      case 'pick':
        return void (this.#stage.schedule.pick() || this.#stage.schedule.pass());
      case 'pass':
        return void this.#stage.schedule.pass();
      case 'operator':
        return this.#do('an operator acts', () => random.pick(this.#stage.operators).act());
      case 'push':
        return this.#do('a push', () => this.#push());
      case 'watch':
        return this.#do('a viewer watches', () => this.#watch());
      case 'link':
        return this.#do('a link', () => this.#link());
      case 'disk':
        return this.#do('a disk', () => this.#sicken());
      case 'node':
        return this.#do('a node', () => this.#node());
      case 'reload':
        return this.#do('a reload', () => this.#reload());
      case 'restart':
        return this.#do('a restart', () => this.#stage.restart());
      case 'clock':
        return this.#do('the clock is put back', () => this.#stage.schedule.putBack(random.below(PUT_BACK_MOST_MS)));
      case 'crash':
        return this.#stage.crash();
      default:
    }
  }

  #do(what: string, act: () => void): void {
    this.#stage.trace.step(what);
    act();
  }

  #push(): void {
    this.#stage.repository.push();
    const life = this.#stage.life();
    if (this.#stage.schedule.chance(0.7) && life?.up === true) life.look();
  }

  #watch(): void {
    const { random } = this.#stage.schedule;
    const last = this.#stage.promises.state.last_run_id;
    random.pick(this.#stage.viewers).watch(Math.max(1, last + 1 - random.below(4)));
  }

  #link(): void {
    const { random } = this.#stage.schedule;
    const who = random.pick([...this.#stage.viewers, this.#stage.plain]);
    const dice = random.below(6);
    if (dice < 2) who.stall(true);
    else if (dice < 4) who.stall(false);
    else who.cut(dice === 4);
  }

  #sicken(): void {
    const { random } = this.#stage.schedule;
    this.#stage.disk.health = random.below(3) === 0 ? 'broken' : 'full';
    this.#stage.trace.line(`  the disk is ${this.#stage.disk.health}`);
    this.#stage.schedule.after(this, random.below(DISK_SICK_MOST_MS), () => void this.mend());
  }

  /** A disk that failed is believed again after a start, not before. */
  async mend(): Promise<void> {
    this.#stage.disk.health = 'well';
    if (this.#stage.disk.failed) await this.#stage.crash();
  }

  #node(): void {
    const nodes = [...this.#stage.nodes.all.values()];
    if (nodes.length === 0) return;
    const node = this.#stage.schedule.random.pick(nodes);
    node.reachable = !node.reachable;
  }

  #reload(): void {
    this.#stage.redraw();
    const life = this.#stage.life();
    if (life?.up !== true) return;
    life.reload().catch((error: unknown) => this.#stage.trace.line(`  the config could not be reloaded: ${String(error)}`));
  }
}
