/** A command on its way, and what became of it. Plain data: rune classes hold it, components are given it. */
import type { Command } from '../shared/protocol/commands.ts';
import type { Refusal } from '../shared/protocol/refusals.ts';

export type CommandOutcome =
  /** Durable on the server; `seq_no` is its first event's. */
  | { status: 'applied'; seq_no: number; run_id: number | null }
  | { status: 'refused'; seq_no: number; refusal: Refusal }
  /** The server answered that it does not know the key: nothing was done. */
  | { status: 'not_received' }
  /** The server could not do it, or nobody can say whether it did; the sentence says which. */
  | { status: 'failed'; message: string }
  /** It never left this page: no name given, the page is stale, or the same command is on its way already. */
  | { status: 'not_sent'; message: string };

export type Progress =
  | { phase: 'sending' }
  /** No answer came; the server is being asked whether it arrived. */
  | { phase: 'asking' }
  | { phase: 'done'; outcome: CommandOutcome; at: number };

export interface Submission {
  /** The idempotency key; envelopes that came of it carry it. */
  readonly key: string;
  readonly command: Command;
  /** Server-corrected ms. */
  readonly since: number;
  readonly progress: Progress;
}
