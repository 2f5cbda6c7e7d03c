/**
 * Intents decided one after another, each on what the ones before it will have made of the state, and what is to be stored for them.
 * Nothing of it counts before the whole batch is stored: a batch that is dropped has changed nothing.
 */
import type { Answer } from '../../src/shared/protocol/commands.ts';
import type { Instant } from '../../src/shared/protocol/ids.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { Scratch } from '../../src/shared/fold/scratch.ts';
import type { State } from '../../src/shared/fold/state.ts';
import { instant, type Clock } from '../clock.ts';
import type { Commit } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';
import type { Decision, Draft, Intent } from '../pipeline/intent.ts';
import type { KeyEntry } from './key_index.ts';
import { refusedEvent } from './refused.ts';
import { stamp } from './stamp.ts';

export interface Asked {
  intent: Intent;
  resolve: (answer: Answer | null) => void;
  reject: (error: unknown) => void;
}

/** How far history has come: what is stored, or, within a batch, what will be. */
export interface Head {
  state: State;
  seq_no: number;
  /** Time of the newest envelope, ms since the epoch; 0 before the first. */
  at_ms: number;
}

export interface BatchDeps {
  clock: Clock;
  /** @returns a UUIDv7 of this time. */
  idAt: (ms: number) => string;
  decide: (intent: Intent, state: State, now: Instant) => Decision;
  fold: (state: State, envelope: Envelope) => State;
  /** A key that is stored already. */
  known: (key: string) => KeyEntry | undefined;
  report: (what: string, error: unknown) => void;
  /** A line for the server's log: a fact for which nothing had to be recorded. */
  note: (why: string) => void;
}

interface Adding {
  actor: string;
  key: string | null;
}
type CommandRest = Omit<Commit, 'first_seq' | 'envelopes'>;
type Settlement = { asked: Asked } & ({ type: 'answered'; answer: Answer | null } | { type: 'failed'; error: unknown });
type Keyed = Intent & { type: 'command' } & { key: string };

export class Batch {
  readonly commits: Commit[] = [];
  readonly keys = new Map<string, KeyEntry>();
  readonly #deps: BatchDeps;
  readonly #begin: State;
  readonly #settlements: Settlement[] = [];
  /** Only deciding looks at the states within a batch, and it keeps none of them. */
  #scratch = new Scratch();
  readonly #at_ms: number;
  #head: Head;

  constructor(head: Head, deps: BatchDeps) {
    this.#head = head;
    this.#begin = head.state;
    this.#deps = deps;
    // The clock may step back, history does not. Read once: what is stored together happens at one time.
    this.#at_ms = Math.max(deps.clock.now(), head.at_ms);
  }

  get head(): Head {
    return this.#head;
  }

  /** Decides one intent. A defect in deciding or folding concerns that intent only. */
  take(asked: Asked): void {
    try {
      this.#settlements.push({ asked, type: 'answered', answer: this.#answer(asked.intent) });
    } catch (error) {
      if (!(error instanceof Failure)) this.#deps.report(`${describe(asked.intent)} could not be decided`, error);
      this.#settlements.push({ asked, type: 'failed', error });
    }
  }

  /** Adds a commit. @param rest what is stored with it for a command. */
  add(drafts: readonly Draft[], { actor, key }: Adding, rest: CommandRest | null = null): void {
    const at_ms = this.#at_ms;
    const first_seq = this.#head.seq_no + 1;
    const envelopes = stamp(drafts, { first_seq, at_ms, idAt: this.#deps.idAt, actor, key });
    const state = this.#folded(this.#head.state, envelopes);
    this.commits.push(rest === null ? { first_seq, envelopes } : { first_seq, envelopes, ...rest });
    this.#head = { state, seq_no: this.#head.seq_no + envelopes.length, at_ms };
  }

  /** It is stored: everybody gets their answer. */
  settle(): void {
    for (const settlement of this.#settlements) {
      if (settlement.type === 'answered') settlement.asked.resolve(settlement.answer);
      else settlement.asked.reject(settlement.error);
    }
  }

  /** It is not stored: nobody's answer holds, the ones that only looked included, since they saw what never was. */
  fail(failure: Failure): void {
    for (const { asked } of this.#settlements) asked.reject(failure);
  }

  #folded(state: State, envelopes: readonly Envelope[]): State {
    try {
      return this.#scratch.within(() => envelopes.reduce((at, envelope) => this.#deps.fold(at, envelope), state));
    } catch (error) {
      // A part of it may be in what the scratch has made: fold anew what the intents before it gave.
      this.#scratch = new Scratch();
      const { fold } = this.#deps;
      const before = this.#scratch.within(() =>
        this.commits.reduce((at, commit) => commit.envelopes.reduce((s, envelope) => fold(s, envelope), at), this.#begin),
      );
      this.#head = { ...this.#head, state: before };
      throw error;
    }
  }

  #answer(intent: Intent): Answer | null {
    if (intent.type === 'command' && intent.key !== null) {
      const earlier = this.keys.get(intent.key) ?? this.#deps.known(intent.key);
      if (earlier !== undefined) return sameBody({ ...intent, key: intent.key }, earlier);
    }
    const decision = this.#deps.decide(intent, this.#head.state, instant(this.#at_ms));
    const seq_no = this.#head.seq_no + 1;
    if (decision.type === 'events' && decision.drafts.length > 0) {
      const { drafts, run_id } = decision;
      return this.#record(intent, drafts, run_id === undefined ? { status: 'applied', seq_no } : { status: 'applied', seq_no, run_id });
    }
    if (intent.type === 'command') {
      if (decision.type !== 'refused') throw new Error(`${describe(intent)} was neither done nor refused`);
      const { project, refusal } = decision;
      const drafts = [{ project, event: refusedEvent(intent.command, refusal) }];
      return this.#record(intent, drafts, { status: 'refused', seq_no, refusal });
    }
    if (decision.type === 'refused') this.#deps.note(`${describe(intent)} was refused: ${decision.refusal.message}`);
    if (decision.type === 'nothing') this.#deps.note(`${describe(intent)} changed nothing: ${decision.why}`);
    return null;
  }

  #record(intent: Intent, drafts: readonly Draft[], answer: Answer): Answer {
    if (intent.type === 'fact') {
      this.add(drafts, { actor: intent.actor, key: null });
      return answer;
    }
    const { actor, key, body_hash } = intent;
    const rest: CommandRest = {
      ...(key === null ? {} : { key }),
      ...(body_hash === null ? {} : { body_hash }),
      answer,
    };
    this.add(drafts, { actor, key }, rest);
    if (key !== null) this.keys.set(key, { body_hash, answer, at_ms: this.#at_ms });
    return answer;
  }
}

/** @throws Failure `unprocessable` when the key was used for something else. */
export function sameBody(intent: Keyed, earlier: KeyEntry): Answer {
  if (earlier.body_hash === intent.body_hash) return earlier.answer;
  throw new Failure('unprocessable', 'This idempotency key was used for another command in the last 24 hours; send a new key.');
}

export function describe(intent: Intent): string {
  return intent.type === 'command' ? `command ${intent.command.command} of ${intent.actor}` : `fact ${intent.fact.fact}`;
}
