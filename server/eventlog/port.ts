/**
 * The durable, ordered, replayable list of commits: the only truth. A commit is the 1..n envelopes of one intent, stored together with
 * its key and answer. The recorder is the only writer and assigns the numbers; the log refuses what does not continue it.
 */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';

export interface Commit {
  first_seq: number;
  envelopes: readonly Envelope[];
  /** Idempotency key of the command, with the hash of its body and the answer it got. */
  key?: string;
  body_hash?: string;
  answer?: unknown;
}

export interface StoredCommit extends Commit {
  /** Protocol version it was stored with. */
  v: number;
}

export interface LogBounds {
  /** seq_no before the first retained envelope; 0 when nothing was trimmed. */
  floor: number;
  /** seq_no of the last envelope; 0 when the log is empty. */
  head: number;
  /** `<generation>-<random>`. */
  epoch: string;
}

export type Position = { from: 'beginning' } | { from: 'last_acknowledged' } | { from: 'latest' } | { from: 'sequence'; after: number };

export interface ReadFilter {
  project?: string;
  kinds?: readonly string[];
}

export const READ_LIMIT = 1000;

export interface LogSubscription {
  /** Next commit in order: stored ones first, then live, without a seam. Rejects with `signal.reason` when aborted, `LogError('closed')` after close. */
  next(signal?: AbortSignal): Promise<StoredCommit>;
  /** Idempotent. */
  close(): void;
}

export interface EventLog {
  /** Appends all or nothing, durable when resolved. @throws LogError `conflict` when the head is not `expect_head`; `full`, `broken` are fail-stop. */
  append(commits: readonly Commit[], expect: { expect_head: number }): Promise<void>;
  /** Envelopes with seq_no > after, at most `limit` (<= READ_LIMIT) after filtering, and how far was read. @throws LogError `below_floor`. */
  read(after: number, limit: number, filter?: ReadFilter): Promise<{ envelopes: Envelope[]; upto: number }>;
  /** Whole commits with first_seq > after, at most `limit`: what boot folds and the key index is derived from. */
  readCommits(after: number, limit: number): Promise<StoredCommit[]>;
  subscribe(consumer: string, position: Position): Promise<LogSubscription>;
  /** Remembers that the consumer has dealt with everything up to seq_no. Never goes backwards. */
  ack(consumer: string, seq_no: number): Promise<void>;
  /** Sets a consumer's position to after `seq_no`, backwards too. */
  seek(consumer: string, seq_no: number): Promise<void>;
  /** null when empty. */
  lastSeqNo(): number | null;
  bounds(): LogBounds;
  /** Set when opening found that history was lost: what the recorder must tell in a `history_gap`. Null otherwise. */
  readonly lost: { from: number; to: number; why: string } | null;
  /** Idempotent. */
  close(): Promise<void>;
}

export type LogErrorCode = 'conflict' | 'below_floor' | 'full' | 'broken' | 'closed' | 'locked' | 'unwritable';

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
