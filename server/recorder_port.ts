/** What the rest of the server knows of the recorder: the single writer of the event log. */
import type { Answer, Command } from '../src/shared/protocol/commands.ts';
import type { Actor } from '../src/shared/protocol/ids.ts';
import type { State } from '../src/shared/fold/state.ts';
import type { Intent } from './pipeline/intent.ts';

export interface Recording {
  /**
   * Decides, appends, folds, publishes, answers; resolves only when what happened is durable. A fact resolves to null when there was nothing to record.
   * @throws Failure `unprocessable` when the key was used with another body; `unavailable` or `storage_full` when the append failed: then nothing was recorded; `in_doubt` when the next start will tell.
   */
  record(intent: Intent): Promise<Answer | null>;
  /** Fold of everything stored so far; never ahead of the log. */
  state(): State;
  /** What became of a command in the last 24 h, by idempotency key. @throws Failure `in_doubt` when a failed append may have stored it all the same. */
  answerOf(key: string): Answer | null;
  /** Why commands are refused now (a failed append is fail-stop), or null. */
  brokenBy(): string | null;
  /** Calls after each stored commit, once the state is folded. @returns its undo. */
  onCommit(listener: (state: State) => void): () => void;
}

/** Where the recorder stands after a commit, so that a later start can go on from there instead of folding the whole log. */
export interface Standpoint {
  state: State;
  /** Of the last envelope in it; 0 before the first. */
  seq_no: number;
  /** Time of that envelope, ms since the epoch. */
  at_ms: number;
  /** Idempotency keys with their answers, in the order of recording. */
  keys: readonly (readonly [key: string, entry: { body_hash: string | null; answer: Answer; at_ms: number }])[];
}

/** Where routes hand in an operator's command: looks up in git what deciding needs, then records. */
export interface CommandDesk {
  /** @param key null for the aliases of the older API. @throws Failure as `Recording.record`; a refusal is an answer. */
  submit(command: Command, actor: Actor, key: string | null): Promise<Answer>;
}
