/**
 * What a dialog may ask of the page: the state as it is now, whether its command is possible, and to send it. A view makes one; dialogs know
 * neither the connection nor the state classes behind it. Reading a member in markup or `$derived` is reactive.
 */
import type { State } from '../../shared/fold/state.ts';
import type { Command } from '../../shared/protocol/commands.ts';
import type { Actor } from '../../shared/protocol/ids.ts';
import type { Refusal } from '../../shared/protocol/refusals.ts';
import type { LeverState } from '../levers/ask.ts';

export type Outcome =
  | { status: 'applied'; seq_no: number }
  | { status: 'refused'; seq_no: number | null; refusal: Refusal }
  | { status: 'not_received' }
  | { status: 'failed'; message: string }
  | { status: 'not_sent'; message: string };

export interface Comparison {
  total: number;
  commits: readonly { sha: string; subject: string; author: string; at: string }[];
}

export interface DialogPort {
  readonly state: State;
  /** Server-corrected ms. */
  readonly now: number;
  readonly me: Actor | null;
  check(command: Command): LeverState;
  /** `sending`, `asking` whether it arrived, or null when it is not on its way. */
  progressOf(command: Command): 'sending' | 'asking' | null;
  run(command: Command): Promise<Outcome>;
  /** What became of it as far as is known now, which may be more than was answered; null while it is on its way or was never sent. */
  outcomeOf(command: Command): Outcome | null;
  /** The same submission once more, with the same key: it is done at most once. */
  again(command: Command): Promise<Outcome>;
  compare(project: string, from: string, to: string): Promise<Comparison>;
  /** Says on the page that it was done; the dialog is gone by then. */
  receipt(sentence: string): void;
}
