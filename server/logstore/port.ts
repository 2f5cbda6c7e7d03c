/**
 * What the rest of the server knows of run logs: byte-exact files, one a run, masked before the first write. The file is the truth;
 * chunks are a view of it, cut between characters, numbered per run from 0, the same cuts for every reader and after a restart.
 */
import type {
  HitLinesAnswer,
  HitsAnswer,
  LogLine,
  LogQuery,
  MarksAnswer,
  PackedStyle,
  SearchFrame,
} from '../../src/shared/protocol/run_log.ts';

export interface LogChunk {
  run_id: number;
  seq: number;
  /** File offset of its first byte. */
  offset: number;
  /** File bytes it covers. */
  bytes: number;
  /** Lossy UTF-8 decoding of those bytes. */
  text: string;
  /** Number of the line its first byte is in, from 1. */
  line: number;
  /** When it was stored, ms since the epoch; absent when that is not known: an older version stored it. */
  at_ms?: number;
}

export interface LogMeta {
  run_id: number;
  project: string;
  type: 'build' | 'gate' | 'deploy';
}

export interface ClosedLog {
  bytes: number;
  /** Hex SHA-256 of the file. */
  sha256: string;
  /** Output that could not be stored (a full disk); absent when none. Where it is missing the log says so in a line of its own, if that could be stored. */
  lost_bytes?: number;
}

/** What is left of a log that was deleted. */
export interface DeletedLog {
  /** When, ms since the epoch. */
  at_ms: number;
  /** A sentence. */
  why: string;
  /** Of the log when it was closed. */
  bytes: number;
  sha256: string;
}

export interface LogExtent {
  /** Bytes that can be read now. */
  bytes: number;
  /** Lines in them; the one being written counts when it has a byte. */
  lines: number;
  closed: boolean;
}

export interface LogStat extends LogExtent {
  meta: LogMeta;
  /** Chunks cut so far. */
  chunks: number;
  /** Hex SHA-256 of the file; absent while the log is open. */
  sha256?: string;
  /** As in `ClosedLog`; absent when nothing was lost, and while the log is open. */
  lost_bytes?: number;
  /** When the first and the newest output was stored, ms since the epoch; null when there is none, or an older version stored it. */
  first_at: number | null;
  last_at: number | null;
  /** The longest time without output, from the log's beginning; while it is open, up to now. */
  longest_pause_ms: number;
  /** Until when the log is kept at least, unless there are too many or too large ones, ms since the epoch; null without such a bound, and while it is open. */
  kept_until: number | null;
  /** The bounds it is kept within, as a sentence. */
  kept_why: string;
  /** Present when the log was deleted; then nothing can be read. */
  deleted?: DeletedLog;
}

/** Some lines in order. */
export interface SomeLines {
  /** Before the first of them. */
  style: PackedStyle;
  items: LogLine[];
  /** [n, at]: lines from `n` on began to be stored at `at`, ms since the epoch. */
  times: [n: number, at: number][];
}

export type PlaceAsked = { line: number } | { offset: number } | { at_ms: number };

export interface LogPlace {
  /** Number of the line; 1 in a log without any. */
  n: number;
  /** Of its first byte. */
  offset: number;
  /** When that was stored; null when it is not known. */
  at: number | null;
}

/**
 * Where a log's bytes lie and how far they go, so that a worker thread can read them (`openLogBytes` in log_bytes.ts, the index with
 * log_index.ts). As of the moment it was asked for: an open log goes on growing behind `bytes`.
 */
export type LogSource = {
  run_id: number;
  /** Of the log as it was written, whatever is kept of it. */
  bytes: number;
  lines: number;
  closed: boolean;
  index_path: string;
  /** Entries of the index that count. */
  chunks: number;
} & (
  | /** Kept as it was written. */ { type: 'plain'; path: string }
  | /** Compressed: see frames.ts. */ { type: 'frames'; path: string; frames_path: string }
);

/** Where the rows begin: at a row, at match `from`, or at the first match in line `near` or later. Then so many rows, with so many lines around each match. */
export interface HitsAsked {
  begin: { row: number } | { from: number } | { near: number };
  count: number;
  context: number;
}

/** Matching lines as far as the log has been searched. */
export type HitsFound = Pick<HitsAnswer, 'bytes' | 'lines' | 'closed' | 'count' | 'scanned' | 'rows' | 'items'>;

/** The same of which only the numbers of the lines are asked. */
export type HitLinesFound = Omit<HitsFound, 'items'> & Pick<HitLinesAnswer, 'numbers'>;

export interface RunLog {
  /** Masks and appends; what is kept is copied. Bytes may be held back until a possible secret is decided or until close. @throws after close. */
  write(data: Buffer): void;
  /** Resolves when what was written has drained below the write buffer's bound, undefined when it is below; await it before reading more from the child. */
  drained(): Promise<void> | undefined;
  /** Flushes, cuts the last chunk, syncs, closes. Idempotent: a second call gives the same answer. */
  close(): Promise<ClosedLog>;
}

export interface LogStore {
  /** Creates the file exclusively. @param secrets values to mask. @throws Failure `conflict` when the run has a log already, `storage_full`. */
  create(meta: LogMeta, secrets: readonly string[]): Promise<RunLog>;
  /** The text as a log with these secrets would hold it. */
  masked(text: string, secrets: readonly string[]): string;
  /** Null when the run has no log. */
  stat(run_id: number): Promise<LogStat | null>;
  /** Chunks from byte `offset` on, at most about `max_bytes` (at least one chunk when there is any); a chunk that holds `offset` in its middle is cut to begin there, or at the start of the character that `offset` is inside of. Empty at the end. */
  chunks(run_id: number, offset: number, max_bytes: number): Promise<LogChunk[]>;
  /** Lines from line `from` on: at most `count`, at most `LINES_SENT_MOST`, at most about 1 MiB of text; at least one when there is any. Null when the run has no log. */
  lines(run_id: number, from: number, count: number): Promise<(LogExtent & SomeLines) | null>;
  /** The line with that number, the one that holds the byte, or the first that began to be stored at or after the time; the last where there is none. Null when the run has no log. */
  place(run_id: number, asked: PlaceAsked): Promise<(LogExtent & LogPlace) | null>;
  /** Bytes [from, to). Fails with Failure `not_found`, `log_deleted`. */
  bytes(run_id: number, from: number, to: number): NodeJS.ReadableStream;
  /** Null when the run has no log. @throws Failure `log_deleted`. */
  source(run_id: number): Promise<LogSource | null>;
  /** Lines that look like reasons of a failure, and sections, as far as the log has been surveyed; of a closed log all of it. Null when the run has no log. */
  marks(run_id: number): Promise<Omit<MarksAnswer, 'run_id'> | null>;
  /**
   * Looks through the whole log; what it finds comes as it is found, and at last `done`, or `error` when it is the query's fault. The same search by
   * several is one; when the last of them stops listening or aborts it is given up.
   * @throws Failure `not_found`, `log_deleted`, `too_many`; the signal's reason.
   */
  search(run_id: number, query: LogQuery, signal: AbortSignal): AsyncIterable<SearchFrame>;
  /** Rows of the log filtered by a query; searches as far as is needed. Null when the run has no log. @throws Failure `pattern_invalid`, `pattern_too_slow`, `too_large` and as `search`. */
  hits(run_id: number, query: LogQuery, asked: HitsAsked, signal: AbortSignal): Promise<HitsFound | null>;
  /** As `hits`, the numbers of the lines alone: of many more rows. */
  hitLines(run_id: number, query: LogQuery, asked: HitsAsked, signal: AbortSignal): Promise<HitLinesFound | null>;
  /** Calls when a run's readable size has grown or it was closed. Never with content. @returns its undo. */
  onChange(listener: (run_id: number, stat: { bytes: number; closed: boolean }) => void): () => void;
  /** The highest run_id that has a log; 0 when none. */
  highestRunId(): number;
  /** Marks logs left open by an earlier server life as closed. Call once at boot. */
  recover(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
