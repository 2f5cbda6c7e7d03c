/** What the engine knows of release folders and nodes. */
import type { DeployFailure } from '../../src/shared/protocol/outcome.ts';

/** A release folder on the server: `<data>/releases/<project>/<version>/`, written once, never changed. */
export interface ReleaseStore {
  path(project: string, version: string): string;
  has(project: string, version: string): Promise<boolean>;
  /**
   * Makes the version the owner's for good, or tells that it is somebody else's; the same owner may claim again. Outlives the release folder, so that
   * no second release ever gets the name of one that was forgotten.
   * @param owner run_id of the build's first attempt.
   */
  claim(project: string, version: string, owner: number): Promise<boolean>;
  /** Every version ever claimed, or stored before there were claims. */
  claimed(project: string): Promise<ReadonlySet<string>>;
  /** Removes a folder that an attempt stored before it could be recorded. Only for a version that never became a release. */
  discard(project: string, version: string): Promise<void>;
  /** Copies `artifacts` (files or folders, relative, no `..`, no link that leads out) from a workspace. @throws ArtifactError with a sentence that names the missing one. */
  store(project: string, version: string, workspace: string, artifacts: readonly string[]): Promise<void>;
  /** Removes all but the named versions. */
  prune(project: string, keep: ReadonlySet<string>): Promise<void>;
}

export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

export interface Health {
  /** `http://…`, with `$PORT`-like variables resolved by the caller. */
  http: string;
  /** A 2xx answer's body must contain it, and not as part of a longer number or version; without one, any 2xx answers. */
  expect?: string;
  timeout_ms: number;
  /** Takes the secrets out of an answer before anything is told of it. */
  masked?: (text: string) => string;
}

export interface NodeTarget {
  id: string;
  root: string;
  restart?: string;
  health?: Health;
  /** Extra environment of the restart script. */
  env: Readonly<Record<string, string>>;
  timeout_ms: number;
}

export interface DeployJob {
  project: string;
  tier: string;
  node: NodeTarget;
  version: string;
  sha: string;
  fence: { generation: number; seq_no: number };
  /** Versions the node must not prune. */
  keep: ReadonlySet<string>;
  /** The restart script's output. The memory may be used again as soon as it returns. */
  output: (data: Buffer) => void | Promise<void>;
  /** A line for the operator, between what the script says. */
  say: (line: string) => Promise<void>;
  signal: AbortSignal;
}

export type DeployResult = { ok: true } | { ok: false; failure: DeployFailure } | { ok: false; aborted: true };

export interface Transport {
  /** Copy, check the fence, switch `current` atomically, restart, check health, prune. Never rejects. */
  deploy(job: DeployJob): Promise<DeployResult>;
  /** The version the node's `current` names; null when none. Never rejects: unknown is `undefined`. */
  current(node: NodeTarget): Promise<string | null | undefined>;
}

export type Answered =
  | { status: 'matching'; detail: string }
  | { status: 'answers'; detail: string }
  | { status: 'differs'; detail: string; body: string }
  | { status: 'unreachable'; detail: string };

/** One health request. Never rejects. */
export type Probe = (health: Health, signal: AbortSignal) => Promise<Answered>;
