/**
 * The nodes: what each was given last (its fence), what its `current` names and what answers there. A deploy goes step by step and may fail at
 * each; one whose server died may go on by itself, as a script on another machine does.
 */
import type { Answered, DeployJob, DeployResult, Health, NodeTarget, Probe, Transport } from '../../../server/deploy/port.ts';
import type { Owner, Schedule } from './schedule.ts';

interface Fence {
  generation: number;
  seq_no: number;
}

export interface SimulatedNode {
  root: string;
  current: string | null;
  fence: (Fence & { version: string }) | null;
  reachable: boolean;
  /** Does not answer what it should after a restart. */
  sick: boolean;
}

export interface NodesListener {
  /** A server asks for it. */
  asked(job: DeployJob, node: SimulatedNode): void;
  /** The node was given it. */
  given(node: SimulatedNode, before: SimulatedNode['fence']): void;
  ended(job: DeployJob): void;
}

const FAILS = 0.05;
const SLOW = 0.15;
const LONGEST_STEP_MS = 1_000;
/** A deploy whose server dies goes on without it. */
const GOES_ON = 0.3;

export class Nodes {
  calm = false;
  /** How much more often than usual deploys fail. */
  temper = 1;
  readonly all = new Map<string, SimulatedNode>();
  readonly #schedule: Schedule;
  readonly #listener: NodesListener;
  /** Steps that nodes may do by themselves when their server is gone. */
  readonly #underWay = new Map<Owner, Set<() => void>>();

  constructor(schedule: Schedule, listener: NodesListener) {
    this.#schedule = schedule;
    this.#listener = listener;
  }

  at(root: string): SimulatedNode {
    const known = this.all.get(root);
    if (known !== undefined) return known;
    const node = { root, current: null, fence: null, reachable: true, sick: false };
    this.all.set(root, node);
    return node;
  }

  /** The server `owner` has died. */
  orphaned(owner: Owner): void {
    for (const step of this.#underWay.get(owner) ?? [])
      if (this.#schedule.chance(GOES_ON)) this.#schedule.add(this, 'a node goes on alone', step);
    this.#underWay.delete(owner);
  }

  transport(owner: Owner): Transport {
    return { deploy: (job) => this.#deploy(owner, job), current: (target) => this.#current(owner, target) };
  }

  probe(owner: Owner): Probe {
    return async (health: Health): Promise<Answered> => {
      const node = this.at(health.http);
      await this.#schedule.maybe(owner, `${node.root} is asked`, SLOW);
      if (!node.reachable) return { status: 'unreachable', detail: 'no answer' };
      const body = node.sick ? 'out of order' : (node.current ?? 'nothing');
      if (health.expect === undefined) return { status: 'answers', detail: body };
      return body === health.expect ? { status: 'matching', detail: body } : { status: 'differs', detail: body, body };
    };
  }

  async #current(owner: Owner, target: NodeTarget): Promise<string | null | undefined> {
    const node = this.at(target.root);
    await this.#schedule.maybe(owner, `${node.root} tells what it runs`, SLOW);
    return node.reachable ? node.current : undefined;
  }

  async #deploy(owner: Owner, job: DeployJob): Promise<DeployResult> {
    const node = this.at(job.node.root);
    this.#listener.asked(job, node);
    try {
      return await this.#put(owner, job, node);
    } finally {
      this.#listener.ended(job);
    }
  }

  async #put(owner: Owner, job: DeployJob, node: SimulatedNode): Promise<DeployResult> {
    const { version } = job;
    const aborted = (): boolean => job.signal.aborted;
    const failed = (type: string): DeployResult => ({ ok: false, failure: { type, message: `${job.node.id}: ${type}` } });
    await this.#step(owner, `${node.root} copies ${version}`, null);
    if (aborted()) return { ok: false, aborted: true };
    if (!reachable(node)) return failed('unreachable');
    if (this.#fails()) return failed('transfer');
    const switched = { done: false };
    await this.#step(owner, `${node.root} switches to ${version}`, () => void (switched.done = this.#switch(node, job)));
    if (!switched.done) return failed('fenced');
    if (aborted()) return { ok: false, aborted: true };
    await job.output(Buffer.from(`switched to ${version} 🚦\n`));
    if (this.#fails()) node.sick = !this.calm;
    await this.#step(owner, `${node.root} restarts`, null);
    if (aborted()) return { ok: false, aborted: true };
    if (!reachable(node)) return failed('unreachable');
    if (node.sick) return { ok: false, failure: { type: 'health_check', message: 'it answers something else', got: 'out of order' } };
    return { ok: true };
  }

  /** @returns false when the node refuses. */
  #switch(node: SimulatedNode, { fence, version }: DeployJob): boolean {
    const before = node.fence;
    if (before !== null) {
      const later = before.generation - fence.generation || before.seq_no - fence.seq_no;
      if (later > 0 || (later === 0 && before.version !== version)) return false;
    }
    node.fence = { ...fence, version };
    node.current = version;
    node.sick = false;
    this.#listener.given(node, before);
    return true;
  }

  async #step(owner: Owner, label: string, act: (() => void) | null): Promise<void> {
    const mine = this.#underWay.get(owner) ?? new Set();
    this.#underWay.set(owner, mine);
    if (act !== null) mine.add(act);
    if (this.#schedule.chance(0.5)) await this.#schedule.pause(owner, this.#schedule.random.below(LONGEST_STEP_MS));
    await this.#schedule.turn(owner, label);
    if (act !== null) mine.delete(act);
    act?.();
  }

  #fails(): boolean {
    return !this.calm && this.#schedule.chance(FAILS * this.temper);
  }
}

/** Asked anew each time: it changes while a deploy waits. */
function reachable(node: SimulatedNode): boolean {
  return node.reachable;
}
