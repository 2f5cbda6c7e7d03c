/**
 * Does what the state owes. After every commit it compares `pending(state)` with what is under way: what is owed and not begun is begun, what is
 * under way and no longer owed is ended. The invariant: a run is begun at most once in a server's life and only after its start is stored; two
 * runs never share a lane (a project's build, a tier's gates, a node), and no deploy begins where a gate still runs; so a rollback waits until
 * the deploy or the gate it stopped is really gone.
 * It decides nothing: how a run ended goes back to the recorder as a fact. Before a run begins its premise is looked at once more: a lane may
 * have kept it waiting, and what was meant then need not be what is meant now.
 */
import type { State } from '../../../src/shared/fold/state.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/protocol/ids.ts';
import { Failure } from '../../failure.ts';
import { pending, type Effect } from '../pending.ts';
import type { Fact, RunLogFields } from '../intent.ts';
import { buildRun } from './build_run.ts';
import { burnIn } from './burn_in.ts';
import { deployRun } from './deploy_run.ts';
import { gateRun } from './gate_run.ts';
import { interruptedFacts } from './interrupted.ts';
import { droppedFacts, overtaken } from './overtaken.ts';
import type { EngineDeps } from './ports.ts';

/** How long to wait before a fact that could not be stored is offered again. */
const STORE_AGAIN_MS = 1000;
/** A fact that cannot be decided is a defect: it is offered again ever more rarely, because only another state can make it pass. */
const STUCK_AGAIN_MS = 10_000;
const STUCK_AGAIN_MAX_MS = 600_000;
const STUCK_REASON_CHARS = 300;

interface Active {
  effect: Effect;
  abort: AbortController;
  done: Promise<void>;
}

export class Engine {
  readonly #deps: EngineDeps;
  readonly #active = new Map<number, Active>();
  readonly #begun = new Set<number>();
  /** Their ends are known and offered ever more rarely; nothing of them begins again. */
  readonly #stuck = new Set<number>();
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #undo: (() => void) | null = null;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Settles what an earlier life left in flight, then begins to follow the state. */
  async start(): Promise<void> {
    const facts = interruptedFacts(this.#deps.recording.state(), await this.#logsOf(), 'restart');
    // One whose end cannot be decided stays owed, and must not be taken for one that has yet to begin.
    for (const { run_id } of facts) this.#begun.add(run_id);
    for (const fact of facts) await this.#store(fact);
    if (this.#closing.signal.aborted) return;
    this.#undo = this.#deps.recording.onCommit((state) => this.#reconcile(state));
    this.#reconcile(this.#deps.recording.state());
  }

  /** Ends every run, processes included. Idempotent. What was in flight is settled as interrupted at the next start. */
  async close(): Promise<void> {
    this.#undo?.();
    this.#undo = null;
    this.#closing.abort(new Error('the server stops'));
    for (const { abort } of this.#active.values()) abort.abort(new Error('the server stops'));
    await Promise.allSettled([...this.#active.values()].map(({ done }) => done));
  }

  async #logsOf(): Promise<Map<number, RunLogFields>> {
    const found = new Map<number, RunLogFields>();
    for (const effect of pending(this.#deps.recording.state())) {
      const stat = await this.#deps.logs.stat(effect.run_id);
      if (stat?.sha256 !== undefined) found.set(effect.run_id, { bytes: stat.bytes, sha256: stat.sha256 });
    }
    return found;
  }

  #reconcile(state: State): void {
    if (this.#closing.signal.aborted) return;
    const owed = new Map(pending(state).map((effect) => [effect.run_id, effect]));
    for (const [run_id, { abort }] of this.#active) if (!owed.has(run_id)) abort.abort(new Error('no longer owed'));
    for (const run_id of this.#begun) if (!owed.has(run_id) && !this.#active.has(run_id)) this.#begun.delete(run_id);
    for (const effect of owed.values()) if (!this.#begun.has(effect.run_id)) this.#begin(effect);
  }

  #begin(effect: Effect): void {
    const abort = new AbortController();
    const lane = laneOf(effect);
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const gates = this.#gatesAt(effect);
    const free: Promise<unknown> = gates.length === 0 ? before : Promise.allSettled([before, ...gates]);
    const done = free
      .then(() => (abort.signal.aborted ? undefined : this.#start(effect, abort.signal)))
      .catch((error: unknown) => this.#broke(effect, error))
      .finally(() => {
        this.#active.delete(effect.run_id);
        if (this.#lanes.get(lane) === done) this.#lanes.delete(lane);
        // A clock that was set back wakes too early: the burn-in still lasts, so it is waited for again.
        if (effect.type !== 'burn_in' || this.#stuck.has(effect.run_id)) return;
        if (this.#begun.delete(effect.run_id)) this.#reconcile(this.#deps.recording.state());
      });
    this.#begun.add(effect.run_id);
    this.#lanes.set(lane, done);
    this.#active.set(effect.run_id, { effect, abort, done });
  }

  /** The ends of gates that still run where it deploys: one that was told to end takes a while, and must not see what it looks at change. */
  #gatesAt(deploy: Effect): Promise<void>[] {
    if (deploy.type !== 'deploy') return [];
    const { project, tier } = deploy;
    const isThere = ({ effect }: Active): boolean => effect.type === 'gate' && effect.project === project && effect.tier === tier;
    return [...this.#active.values()].filter(isThere).map(({ done }) => done);
  }

  /** A defect in doing it must not leave a run that never ends: it is settled as interrupted. */
  async #broke(effect: Effect, error: unknown): Promise<void> {
    this.#deps.report(`run ${effect.run_id} (${effect.type} of ${effect.version}) broke the engine`, error);
    const facts = interruptedFacts(this.#deps.recording.state(), new Map(), 'defect');
    for (const fact of facts) if (fact.run_id === effect.run_id) await this.#store(fact);
  }

  /** Not begun when what it was to do is no longer what is meant; then the reason is its end. */
  async #start(effect: Effect, signal: AbortSignal): Promise<void> {
    const why = overtaken(this.#deps.recording.state(), effect);
    if (why === null) return this.#perform(effect, signal);
    this.#deps.report(`run ${effect.run_id} (${effect.type} of ${effect.version}) was not begun: ${why}`);
    for (const fact of droppedFacts(effect, why)) await this.#store(fact);
  }

  async #perform(effect: Effect, signal: AbortSignal): Promise<void> {
    const facts = await perform(effect, this.#deps, signal);
    // Aborted: its end is in the log already (superseded, cancelled, rolled back), or the server stops.
    if (signal.aborted) return;
    for (const fact of facts) await this.#store(fact);
  }

  /**
   * A run's end must reach the log: offered again until it does, because nobody else will ever know it. Resolves when it is there, and also when
   * it cannot be decided: then the run is shown as stuck, and offering goes on behind.
   */
  async #store(fact: Fact): Promise<void> {
    for (;;) {
      try {
        await this.#deps.recording.record({ type: 'fact', fact, actor: SYSTEM_ACTOR });
        return;
      } catch (error) {
        if (!(error instanceof Failure)) return this.#isStuck(fact, error);
        this.#deps.report(`${fact.fact} could not be stored; it will be offered again`, error);
        if (this.#closing.signal.aborted) return;
        await this.#pause(STORE_AGAIN_MS);
      }
    }
  }

  async #isStuck(fact: Fact, error: unknown): Promise<void> {
    if (!('run_id' in fact) || fact.fact === 'stuck') {
      this.#deps.report(`${fact.fact} could not be decided and is dropped`, error);
      return;
    }
    const { project, run_id } = fact;
    this.#stuck.add(run_id);
    this.#deps.report(`run ${run_id} is stuck: its end could not be decided; it will be offered again, ever more rarely`, error);
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, STUCK_REASON_CHARS);
    await this.#store({ fact: 'stuck', project, run_id, reason });
    void this.#offerRarely(fact, run_id).finally(() => this.#stuck.delete(run_id));
  }

  /** Until it is stored, or the run has another end: an operator can cancel it. */
  async #offerRarely(fact: Fact, run_id: number): Promise<void> {
    for (let wait_ms = STUCK_AGAIN_MS; ; wait_ms = Math.min(2 * wait_ms, STUCK_AGAIN_MAX_MS)) {
      await this.#pause(wait_ms);
      if (this.#closing.signal.aborted || !pending(this.#deps.recording.state()).some((effect) => effect.run_id === run_id)) return;
      try {
        await this.#deps.recording.record({ type: 'fact', fact, actor: SYSTEM_ACTOR });
        this.#deps.report(`run ${run_id} is no longer stuck`);
        return;
      } catch {
        // Told once already, by the event too; nothing new has been learnt.
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const undo = this.#deps.clock.after(ms, resolve);
      this.#closing.signal.addEventListener('abort', () => (undo(), resolve()), { once: true });
    });
  }
}

function laneOf(effect: Effect): string {
  switch (effect.type) {
    case 'build':
      return `build ${effect.project}`;
    case 'gate':
    case 'burn_in':
      return `gates ${effect.project}/${effect.tier}`;
    case 'deploy':
      return `node ${effect.project}/${effect.tier}/${effect.node}`;
    default:
      return effect satisfies never;
  }
}

function perform(effect: Effect, deps: EngineDeps, signal: AbortSignal): Promise<Fact[]> {
  switch (effect.type) {
    case 'build':
      return buildRun(effect, deps, signal);
    case 'gate':
      return gateRun(effect, deps, signal);
    case 'burn_in':
      return burnIn(effect, deps, signal);
    case 'deploy':
      return deployRun(effect, deps, signal);
    default:
      return effect satisfies never;
  }
}
