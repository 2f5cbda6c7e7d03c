/** A run's log as the engine writes it: lines of our own, the child's bytes, and, once closed, the masked end that tells why it failed. */
import { buffer } from 'node:stream/consumers';
import { ArtifactError } from '../../deploy/port.ts';
import { GitError } from '../../emitters/git_port.ts';
import { Failure } from '../../failure.ts';
import type { RunLogFields } from '../intent.ts';
import type { ClosedLog, LogMeta, LogStore, RunLog } from '../../logstore/port.ts';
import type { Classification } from '../../../src/shared/protocol/outcome.ts';

/** How much of a log's end is kept for classification. */
const TAIL_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

export class RunOutput {
  readonly #logs: LogStore;
  readonly #run_id: number;
  readonly #log: RunLog;
  readonly #secrets: readonly string[];
  #closed: Promise<ClosedLog> | null = null;
  /** What comes next begins a line. */
  #fresh = true;

  private constructor(logs: LogStore, run_id: number, log: RunLog, secrets: readonly string[]) {
    this.#logs = logs;
    this.#secrets = secrets;
    this.#run_id = run_id;
    this.#log = log;
  }

  static async open(logs: LogStore, meta: LogMeta, secrets: readonly string[]): Promise<RunOutput> {
    return new RunOutput(logs, meta.run_id, await logs.create(meta, secrets), secrets);
  }

  /** For the runner: resolves when it may read on; undefined when it may at once. */
  write = (data: Buffer): Promise<void> | undefined => {
    if (data.length > 0) this.#fresh = data.at(-1) === LINE_FEED;
    this.#log.write(data);
    return this.#log.drained();
  };

  /** What is told of the run and does not come from its log goes through this: it ends in the event log. */
  masked = (text: string): string => this.#logs.masked(text, this.#secrets);

  /** A line of Signalbox's own, set apart from the child's output, which may have no feed at its end. After close there is nowhere to say it. */
  async say(line: string): Promise<void> {
    if (this.#closed === null) await this.write(Buffer.from(`${this.#fresh ? '' : '\n'}\u001b[2m— ${line}\u001b[0m\n`));
  }

  /**
   * Closes the log and reads its end back from the store: what goes from here into an excerpt goes into the event log, so it must have been
   * masked, and masking is over only when the log is closed.
   */
  async end(): Promise<string> {
    const { bytes } = await this.close();
    return (await buffer(this.#logs.bytes(this.#run_id, Math.max(0, bytes - TAIL_BYTES), bytes))).toString('utf8');
  }

  /** Idempotent. */
  close(): Promise<ClosedLog> {
    return (this.#closed ??= this.#log.close());
  }
}

/** How an outcome names its log; nothing when there is none. */
export function logOf(run_id: number, log: RunLogFields | null): { log_ref?: string; bytes?: number; sha256?: string } {
  return log === null ? {} : { log_ref: `/api/v1/runs/${run_id}/log`, ...log };
}

/** Something failed around the process, not in it: the sentence for the operator and what to suspect. */
export function classifyError(error: unknown): { classification: Classification; excerpt: string[] } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ArtifactError) return { classification: { type: 'artifact', message, suspect: 'commit' }, excerpt: [message] };
  const machine = error instanceof GitError || error instanceof Failure || (error instanceof Error && 'code' in error);
  return { classification: { type: 'spawn', message, suspect: machine ? 'machine' : 'unknown' }, excerpt: [message] };
}
