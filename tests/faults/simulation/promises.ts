/**
 * What must hold in every world, whatever broke in it. Each check names the promise; the first that is broken ends the world. It looks at what
 * is stored and at what was seen from outside, never into the server, so that a defect in the server cannot blind it.
 */
import { isDeepStrictEqual } from 'node:util';
import { Watch } from '../../../server/pipeline/invariants.ts';
import type { Commit } from '../../../server/eventlog/port.ts';
import type { DeployJob } from '../../../server/deploy/port.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { runOf } from '../../../src/shared/fold/runs.ts';
import { findTier } from '../../../src/shared/fold/select.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Answer, Command } from '../../../src/shared/protocol/commands.ts';
import { isKnown, type Envelope } from '../../../src/shared/protocol/envelope.ts';
import { pending } from '../../../server/pipeline/pending.ts';
import { isInterruption, isSettling } from './settling.ts';
import type { Child } from './machine.ts';
import type { SimulatedNode } from './nodes.ts';

export class Promises {
  /** Fold of all that is stored. */
  state: State = EMPTY_STATE;
  readonly #violated: (what: string) => void;
  #watch = new Watch();
  #log: Envelope[] = [];
  /** By id all that was ever stored, also of a history that was lost. */
  readonly #ever = new Map<string, unknown>();
  #keys = new Map<string, Commit>();
  #settled = new Map<number, string>();
  /** seq_no of the last request somebody made for a tier. */
  #asked = new Map<string, number>();
  /** seq_no of the last deploy_start of a release on a node. */
  #deploys = new Map<string, number>();
  readonly #commands = new Map<string, Command>();
  readonly #told = new Map<string, Answer>();
  readonly #fences = new Set<string>();
  #deploying = new Set<DeployJob>();
  /** Runs that were in flight when a server died. */
  #cutShort = new Set<number>();

  constructor(violated: (what: string) => void) {
    this.#violated = violated;
  }

  get log(): readonly Envelope[] {
    return this.#log;
  }

  /** Keys that were answered, with what was said. */
  get told(): ReadonlyMap<string, Answer> {
    return this.#told;
  }

  stored(commits: readonly Commit[]): void {
    for (const commit of commits) this.#commit(commit);
  }

  /** The log ends before `from` again: what was promised of the rest is off. */
  lost(from: number, kept: readonly Commit[]): void {
    for (const [key, answer] of this.#told) if (answer.seq_no >= from) this.#told.delete(key);
    this.#log = [];
    this.#keys = new Map();
    this.#settled = new Map();
    this.#asked = new Map();
    this.#deploys = new Map();
    this.#watch = new Watch();
    this.#cutShort = new Set();
    this.state = EMPTY_STATE;
    this.stored(kept);
  }

  asked(key: string, command: Command): void {
    this.#commands.set(key, command);
  }

  answered(key: string, answer: Answer): void {
    const before = this.#told.get(key);
    this.#told.set(key, answer);
    if (before !== undefined && !isDeepStrictEqual(before, answer)) this.#violated(`${key} was answered twice, and not the same`);
    const commit = this.#keys.get(key);
    if (commit === undefined) this.#violated(`${key} was answered but is not in the log`);
    else if (!isDeepStrictEqual(commit.answer, answer)) this.#violated(`${key} was answered otherwise than its commit says`);
  }

  /** The server shows it. */
  published(envelope: Envelope): void {
    if (this.#log[envelope.seq_no - 1] !== envelope) this.#violated(`event ${envelope.seq_no} was shown before it was stored`);
  }

  given(viewer: string, envelope: Envelope): void {
    const stored = this.#ever.get(envelope.id);
    if (stored === undefined) this.#violated(`${viewer} shows event ${envelope.seq_no}, which is not stored`);
    else if (!isDeepStrictEqual(stored, envelope)) this.#violated(`${viewer} shows event ${envelope.seq_no} otherwise than it is stored`);
  }

  snapshot(viewer: string, state: State): void {
    const last = state.activity.at(-1);
    if (last !== undefined && !this.#ever.has(last.id)) this.#violated(`${viewer} was given a snapshot with an event that is not stored`);
  }

  /** A run's log begins: something is about to act. */
  acting(run_id: number): void {
    const run = this.#run(run_id);
    if (run === undefined) this.#violated(`run ${run_id} acts and its start is not stored`);
  }

  spawning(child: Child, others: ReadonlySet<Child>): void {
    const place = child.env['TIER'] ?? 'build';
    for (const other of others)
      if ((other.env['TIER'] ?? 'build') === place) this.#violated(`${child.name} starts in ${place} while ${other.name} still runs there`);
    if (place === 'build') return;
    for (const job of this.#deploying) if (job.tier === place) this.#violated(`${child.name} starts while ${place} is being deployed to`);
  }

  deploying(job: DeployJob, node: SimulatedNode, children: ReadonlySet<Child>): void {
    const { fence, version, tier } = job;
    const name = `deploy ${fence.generation}.${fence.seq_no} of ${version} on ${job.node.id}`;
    if (this.#fences.has(`${fence.generation}.${fence.seq_no}`)) this.#violated(`${name} is done a second time`);
    this.#fences.add(`${fence.generation}.${fence.seq_no}`);
    const started = this.#log[fence.seq_no - 1];
    if (started === undefined || started.kind !== 'deploy_start' || started['version'] !== version)
      this.#violated(`${name} is done and not stored`);
    const before = node.fence;
    if (before !== null && (before.generation - fence.generation || before.seq_no - fence.seq_no) > 0)
      this.#violated(`${name} comes after ${before.generation}.${before.seq_no}, which the node was given already`);
    for (const child of children)
      if (child.env['TIER'] === tier) this.#violated(`${name} begins while ${child.name} still runs in ${tier}`);
    for (const other of this.#deploying)
      if (other.node.root === job.node.root) this.#violated(`${name} begins while another deploy works on that node`);
    this.#deploying.add(job);
  }

  deployed(job: DeployJob): void {
    this.#deploying.delete(job);
  }

  /** Another life of the server begins; the disk has decided what is stored of the one before. */
  begins(): void {
    this.#deploying = new Set();
    for (const effect of pending(this.state)) if (effect.type !== 'burn_in') this.#cutShort.add(effect.run_id);
  }

  fenced(node: SimulatedNode, before: SimulatedNode['fence']): void {
    const after = node.fence;
    if (before !== null && after !== null && (after.generation - before.generation || after.seq_no - before.seq_no) < 0)
      this.#violated(`the fence of ${node.root} went back`);
  }

  /** The server's own state is never ahead of what is stored. */
  serverState(state: State): void {
    if (state.seq_no > this.state.seq_no) this.#violated(`the server's state is at ${state.seq_no}, the log at ${this.state.seq_no}`);
  }

  /** Everything that was on its way has arrived. */
  sameState(who: string, state: State): void {
    if (isDeepStrictEqual(state, this.state)) return;
    this.#violated(`the state of ${who} (at ${state.seq_no}) is not the fold of the log (at ${this.state.seq_no})`);
  }

  #commit(commit: Commit): void {
    const before = this.state;
    let after = before;
    for (const envelope of commit.envelopes) {
      this.#event(after, envelope);
      after = fold(after, envelope);
    }
    this.state = after;
    try {
      this.#watch.check(before, commit.envelopes, after);
    } catch (error) {
      this.#violated(error instanceof Error ? error.message : String(error));
    }
    if (commit.key === undefined) return;
    if (this.#keys.has(commit.key)) this.#violated(`${commit.key} has a second effect`);
    this.#keys.set(commit.key, commit);
    this.#expected(commit, before);
  }

  #event(state: State, envelope: Envelope): void {
    const { seq_no, at } = envelope;
    const last = this.#log.at(-1);
    if (seq_no !== this.#log.length + 1) this.#violated(`event ${seq_no} is stored after ${this.#log.length}`);
    if (last !== undefined && at < last.at) this.#violated(`event ${seq_no} is older than the one before it`);
    const read = asRead(envelope);
    const same = this.#ever.get(envelope.id);
    if (same !== undefined && !isDeepStrictEqual(same, read)) this.#violated(`event ${seq_no} has the id of another`);
    this.#ever.set(envelope.id, read);
    this.#log.push(envelope);
    if (isKnown(envelope)) this.#known(state, envelope);
  }

  #known(state: State, envelope: Envelope & { kind: string }): void {
    const settles = isSettling(envelope);
    if (settles !== null) {
      const before = this.#settled.get(settles);
      if (before !== undefined) this.#violated(`run ${settles} was settled by ${before} and again by ${envelope.kind} ${envelope.seq_no}`);
      this.#settled.set(settles, `${envelope.kind} ${envelope.seq_no}`);
      if (this.#cutShort.has(settles) && !isInterruption(envelope))
        this.#violated(`run ${settles} was in flight when the server died and is settled by ${JSON.stringify(envelope)}`);
    }
    if (!isKnown(envelope)) return;
    switch (envelope.kind) {
      case 'promote_requested':
      case 'rollback_requested':
      case 'redeploy_requested':
        this.#asked.set(envelope.tier, envelope.seq_no);
        if (envelope.kind === 'promote_requested') this.#notHeld(state, envelope.tier, envelope.version);
        break;
      case 'deploy_start': {
        const name = `${envelope.tier} ${envelope.node} ${envelope.version}`;
        const before = this.#deploys.get(name);
        if (before !== undefined && (this.#asked.get(envelope.tier) ?? 0) < before)
          this.#violated(`${name} is deployed again though nobody asked for it`);
        this.#deploys.set(name, envelope.seq_no);
        break;
      }
      case 'entity':
        // A node that left the line and comes back is another one.
        for (const name of this.#deploys.keys())
          if (!JSON.stringify(envelope.data ?? {}).includes(`"${name.split(' ')[1]}"`)) this.#deploys.delete(name);
        break;
      case 'gate_done':
        if (envelope.outcome.status === 'passed') this.#burnedIn(state, envelope.tier, envelope.gate, envelope);
        break;
      default:
    }
  }

  /** By the state before, and without the product's own way of asking. */
  #notHeld(state: State, tier: string, version: string): void {
    const tiers = state.projects[0]?.tiers ?? [];
    const upTo = tiers.slice(0, tiers.findIndex(({ id }) => id === tier) + 1);
    if (upTo.some(({ held }) => held.some((hold) => hold.version === version)))
      this.#violated(`${version} enters ${tier} though it is held`);
  }

  #burnedIn(state: State, tier: string, gate: string, { at, outcome }: { at: string; outcome: object }): void {
    const project = state.projects[0];
    const now = project === undefined ? undefined : findTier(project, tier)?.current?.gates[gate];
    if (now?.status === 'burning_in' && at < now.until && !('skipped' in outcome))
      this.#violated(`${gate} of ${tier} passed at ${at}, before ${now.until}`);
  }

  /** What was done was done to what the operator saw. */
  #expected({ key = '', answer }: Commit, before: State): void {
    const command = this.#commands.get(key);
    if (command === undefined) return this.#violated(`${key} is in the log and nobody pressed it`);
    if ((answer as Answer).status !== 'applied' || !('expect' in command) || command.expect === undefined || !('tier' in command)) return;
    const project = before.projects[0];
    const tier = project === undefined ? undefined : findTier(project, command.tier);
    const seen = command.expect.version;
    const meant =
      command.command === 'promote' ? command.version : command.command === 'redeploy' ? tier?.intended?.version : tier?.current?.version;
    if (meant !== seen) this.#violated(`${key}: ${command.command} of ${seen} was done to ${meant ?? 'nothing'}`);
  }

  #run(run_id: number): unknown {
    return runOf(this.state.projects[0], run_id);
  }
}

/** Without what JSON leaves out. */
function asRead(envelope: Envelope): unknown {
  return JSON.parse(JSON.stringify(envelope));
}
