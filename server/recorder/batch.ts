/**
 * Intents decided one after another, each on what the ones before it will have made of the state, and what is to be stored for them.
 * Nothing of it counts before the whole batch is stored: a batch that is dropped has changed nothing.
 */
import type { Answer } from '../../src/shared/protocol/commands.ts';
import type { Instant } from '../../src/shared/protocol/ids.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { State } from '../../src/shared/fold/state.ts';
import { instant, type Clock } from '../clock.ts';
import type { Commit } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';
import type { Decision, Draft, Intent } from '../pipeline/intent.ts';
import type { RandomBytes } from '../uuid.ts';
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
  random: RandomBytes;
  decide: (intent: Intent, state: State, now: Instant) => Decision;
  fold: (state: State, envelope: Envelope) => State;
  /** A key that is stored already. */
  known: (key: string) => KeyEntry | undefined;
  report: (what: string, error: unknown) => void;
  /** A line for the server's log: a fact for which nothing had to be recorded. */
  note: (why: string) => void;
}

type Keyed = Intent & { type: 'command' } & { key: string };

export class Batch {
  readonly commits: Commit[] = [];
  readonly keys = new Map<string, KeyEntry>();
  readonly #deps: BatchDeps;
  readonly #settlements: { asked: Asked; settle: () => void }[] = [];
  #head: Head;

  constructor(head: Head, deps: BatchDeps) {
    this.#head = head;
    this.#deps = deps;
  }

  get head(): Head {
    return this.#head;
  }

  /** Decides one intent. A defect in deciding or folding concerns that intent only. */
  take(asked: Asked): void {
    try {
      const answer = this.#answer(asked.intent);
      this.#settlements.push({ asked, settle: () => asked.resolve(answer) });
    } catch (error) {
      if (!(error instanceof Failure)) this.#deps.report(`${describe(asked.intent)} could not be decided`, error);
      this.#settlements.push({ asked, settle: () => asked.reject(error) });
    }
  }

  /** Adds a commit nobody asked for. @returns seq_no of its first envelope. */
  add(
    drafts: readonly Draft[],
    of: { actor: string; key: string | null },
    rest: (first_seq: number) => Omit<Commit, 'first_seq' | 'envelopes'>,
  ): number {
    const first_seq = this.#head.seq_no + 1;
    const at_ms = this.#now_ms();
    const envelopes = stamp(drafts, { first_seq, at_ms, random: this.#deps.random, ...of });
    const state = envelopes.reduce(this.#deps.fold, this.#head.state);
    this.commits.push({ first_seq, envelopes, ...rest(first_seq) });
    this.#head = { state, seq_no: this.#head.seq_no + envelopes.length, at_ms };
    return first_seq;
  }

  /** It is stored: everybody gets their answer. */
  settle(): void {
    for (const { settle } of this.#settlements) settle();
  }

  /** It is not stored: nobody's answer holds, the ones that only looked included, since they saw what never was. */
  fail(failure: Failure): void {
    for (const { asked } of this.#settlements) asked.reject(failure);
  }

  /** The clock may step back, history does not. */
  #now_ms(): number {
    return Math.max(this.#deps.clock.now(), this.#head.at_ms);
  }

  #answer(intent: Intent): Answer | null {
    if (intent.type === 'command' && intent.key !== null) {
      const earlier = this.keys.get(intent.key) ?? this.#deps.known(intent.key);
      if (earlier !== undefined) return sameBody({ ...intent, key: intent.key }, earlier);
    }
    const decision = this.#deps.decide(intent, this.#head.state, instant(this.#now_ms()));
    if (decision.type === 'events' && decision.drafts.length > 0) {
      const { drafts, run_id } = decision;
      return this.#record(intent, drafts, (seq_no) => ({ status: 'applied', seq_no, ...(run_id === undefined ? {} : { run_id }) }));
    }
    if (intent.type === 'command') {
      if (decision.type !== 'refused') throw new Error(`${describe(intent)} was neither done nor refused`);
      const { project, refusal } = decision;
      return this.#record(intent, [{ project, event: refusedEvent(intent.command, refusal) }], (seq_no) => ({
        status: 'refused',
        seq_no,
        refusal,
      }));
    }
    if (decision.type === 'refused') this.#deps.note(`${describe(intent)} was refused: ${decision.refusal.message}`);
    if (decision.type === 'nothing') this.#deps.note(`${describe(intent)} changed nothing: ${decision.why}`);
    return null;
  }

  #record(intent: Intent, drafts: readonly Draft[], answerAt: (seq_no: number) => Answer): Answer {
    const [key, body_hash] = intent.type === 'command' ? [intent.key, intent.body_hash] : [null, null];
    const answered = (seq_no: number): Omit<Commit, 'first_seq' | 'envelopes'> => ({
      ...(key === null ? {} : { key }),
      ...(body_hash === null ? {} : { body_hash }),
      ...(intent.type === 'command' ? { answer: answerAt(seq_no) } : {}),
    });
    const answer = answerAt(this.add(drafts, { actor: intent.actor, key }, answered));
    if (key !== null) this.keys.set(key, { body_hash, answer, at_ms: this.#head.at_ms });
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
