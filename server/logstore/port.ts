/**
 * What the rest of the server knows of run logs: byte-exact files, one a run, masked before the first write. The file is the truth;
 * chunks are a view of it, cut between characters, numbered per run from 0, the same cuts for every reader and after a restart.
 */

export interface LogChunk {
  run_id: number;
  seq: number;
  /** File offset of its first byte. */
  offset: number;
  /** File bytes it covers. */
  bytes: number;
  /** Lossy UTF-8 decoding of those bytes. */
  text: string;
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

export interface LogStat {
  meta: LogMeta;
  /** Bytes that can be read now. */
  bytes: number;
  closed: boolean;
  /** Chunks cut so far. */
  chunks: number;
  /** Hex SHA-256 of the file; absent while the log is open. */
  sha256?: string;
  /** As in `ClosedLog`; absent when nothing was lost, and while the log is open. */
  lost_bytes?: number;
}

export interface RunLog {
  /** Masks and appends. Bytes may be held back until a possible secret is decided or until close. @throws after close. */
  write(data: Buffer): void;
  /** Resolves when what was written has drained below the write buffer's bound; await it before reading more from the child. */
  drained(): Promise<void>;
  /** Flushes, cuts the last chunk, syncs, closes. Idempotent: a second call gives the same answer. */
  close(): Promise<ClosedLog>;
}

export interface LogStore {
  /** Creates the file exclusively. @param secrets values to mask. @throws Failure `conflict` when the run has a log already, `storage_full`. */
  create(meta: LogMeta, secrets: readonly string[]): Promise<RunLog>;
  /** Null when the run has no log. */
  stat(run_id: number): Promise<LogStat | null>;
  /** Chunks from byte `offset` on, at most about `max_bytes` (at least one chunk when there is any); a chunk that holds `offset` in its middle is cut to begin there, or at the start of the character that `offset` is inside of. Empty at the end. */
  chunks(run_id: number, offset: number, max_bytes: number): Promise<LogChunk[]>;
  /** Bytes [from, to). */
  bytes(run_id: number, from: number, to: number): NodeJS.ReadableStream;
  /** Calls when a run's readable size has grown or it was closed. Never with content. @returns its undo. */
  onChange(listener: (run_id: number, stat: { bytes: number; closed: boolean }) => void): () => void;
  /** The highest run_id that has a log; 0 when none. */
  highestRunId(): number;
  /** Marks logs left open by an earlier server life as closed. Call once at boot. */
  recover(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
