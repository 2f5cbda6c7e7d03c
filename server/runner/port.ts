/** What the engine knows of child processes. One `spawn` is one process group with a deadline; when it resolves, nothing of it is left alive. */

export interface RunSpec {
  /** Shown in errors and the server's log, e.g. `unit_tests`. */
  name: string;
  /** The script from the config; run as `sh -ec <script>`. */
  script: string;
  cwd: string;
  /** Added to the allow-listed environment. */
  env: Readonly<Record<string, string>>;
  /** Milliseconds from start to TERM. */
  timeout_ms: number;
  /**
   * True for restart scripts: what they start is meant to outlive the run, so they get no nonce and no sweep touches what they leave behind.
   * The group of the script itself is still ended at deadline or abort.
   */
  leaves_service?: boolean;
  /**
   * Receives stdout and stderr in the order they were read; what it returns is awaited before more is read. The memory is only good until it returns: the
   * next read comes in the same.
   */
  output: (data: Buffer) => void | Promise<void> | undefined;
  /** Called once, as soon as the process runs. */
  started?: (pid: number) => void;
  /** Abort ends the whole group: TERM, grace, KILL, sweep. */
  signal: AbortSignal;
}

export type RunEnd =
  | { type: 'exit'; code: number }
  | { type: 'signal'; name: string }
  | { type: 'timeout'; after_s: number }
  /** It never ran: missing folder, no such shell, no processes left. */
  | { type: 'spawn'; message: string }
  | { type: 'aborted' };

export interface Runner {
  /** Never rejects. @returns how it ended and the seconds it took. */
  spawn(spec: RunSpec): Promise<{ end: RunEnd; elapsed_s: number }>;
  /** Ends what an earlier life of this data folder left running (by nonce), sparing services and strangers. @returns how many were ended. */
  sweepLeftovers(): Promise<number>;
  /** Aborts everything that runs. Idempotent. */
  close(): Promise<void>;
}
