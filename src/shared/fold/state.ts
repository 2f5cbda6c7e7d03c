/**
 * The dashboard state: what the fold makes of the event log, the same on the server and in the browser. Plain JSON, immutable, shared
 * structurally. Bounded: per project the topology, the releases on or bound for a node, the last `RELEASES_KEPT` others and their runs.
 */
import type { BuildState, Push } from './build_state.ts';
import type { CanaryPolicy, GateKind } from './topology.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { NodeStatus } from '../protocol/events/deploy.ts';
import type { GateId, Instant, NodeId, ProjectId, RunId, Sha, TierId, Version } from '../protocol/ids.ts';
import type { Classification, DeployFailure, Outcome } from '../protocol/outcome.ts';

/** Bump when the fold gives another state for the same log; stored snapshots of another version are refolded. */
export const FOLD_VERSION = 3;
export const RELEASES_KEPT = 20;
export const COMPLETED_KEPT = 10;
export const GAPS_KEPT = 20;
export const ACTIVITY_KEPT = 200;
export const DURATIONS_KEPT = 20;

export interface State {
  /** Position of the last folded envelope; 0 before the first. */
  seq_no: number;
  /** `at` of the last folded envelope. */
  at: Instant | null;
  /** In the order of the config. */
  projects: readonly ProjectState[];
  /** The newest envelopes, oldest first, unknown kinds included. */
  activity: readonly Envelope[];
  gaps: readonly HistoryGap[];
  /** The highest run_id seen; the next run gets a higher one. */
  last_run_id: RunId | 0;
  /** Newest `server_started`. */
  server: { boot_id: string; version: string; started_at: Instant } | null;
}

export interface HistoryGap {
  from: number;
  to: number;
  why: string;
  at: Instant;
}

export interface ProjectState {
  id: ProjectId;
  branch: string;
  config_hash: string | null;
  /** How often a build that a restart of the server interrupted begins again by itself; left out for never. */
  retry_interrupted?: number;
  /** The newest push asked to be built. */
  pushed: Push | null;
  /** Head of the branch as a hook or the minute check last told of it; a person may since have asked for another commit. */
  head: Sha | null;
  /** The newest build, whatever became of it. */
  build: BuildState | null;
  /** In the order of the line. */
  tiers: readonly TierState[];
  /** Newest first; bounded. */
  releases: readonly Release[];
  /** Runs of the kept releases and builds, by run_id; `runOf` finds one. */
  runs: readonly Run[];
  /** Seconds the last passed runs of a step took, newest last; keys from `stepKey`. */
  durations: Readonly<Record<string, readonly number[]>>;
}

export interface Release {
  version: Version;
  sha: Sha;
  built_at: Instant;
  seq_no: number;
  by: string;
  subject: string | null;
  author: string | null;
  /** Tiers whose every gate it satisfied; not one whose gates it is to pass again. */
  satisfied: readonly TierId[];
  /** Tiers in which a gate failed or a human rejected it. A gate that was interrupted says nothing about the release. */
  failed: readonly TierId[];
  /** Tiers it has entered, by itself or by hand. It enters none of them by itself again. */
  entered: readonly TierId[];
}

export interface TierState {
  id: TierId;
  /** Enters by itself when the tier before is satisfied. Always true for the first tier. */
  auto_promote: boolean;
  canary: CanaryPolicy;
  gates: readonly GateDef[];
  nodes: readonly NodeState[];
  /** The release that entered last, decided or not. */
  current: TierRelease | null;
  /** The newest release satisfied in the tier before (in the first tier: built) that has not entered yet. */
  next: { version: Version; sha: Sha; since_at: Instant } | null;
  /** What every node should run. */
  intended: { version: Version; sha: Sha; since_at: Instant; by: string } | null;
  /** A promote, rollback or redeploy that puts a release on nodes now. */
  move: Move | null;
  /** Releases every node of this tier has run after a promote, newest first, each once, at most `COMPLETED_KEPT`; the targets of a rollback. */
  completed: readonly Version[];
  /** Holds on the releases that are kept. */
  held: readonly Hold[];
  frozen: { reason: string; by: string; at: Instant } | null;
  /** After a failed deploy, cancel, reject or rollback only a hand promotes; this says why. */
  hand_only: { why: 'deploy_failed' | 'cancelled' | 'rejected' | 'rolled_back'; at: Instant; by: string } | null;
  last_rollback: { from: Version; to: Version; at: Instant; by: string; reason: string | null } | null;
}

export interface GateDef {
  id: GateId;
  kind: GateKind;
  /** burn_in: seconds. */
  for_s?: number;
  /** manual_confirm: distinct people needed. */
  approvals?: number;
  /** How often it begins again by itself after a restart of the server interrupted it; left out for never. */
  retry_interrupted?: number;
}

export interface NodeState {
  id: NodeId;
  /** `probed` when a health check is configured with an expectation, `answers` without one, `none` without a check. */
  health: 'probed' | 'answers' | 'none';
  /** What the last finished deploy put there; null after an unfinished one, when nobody has asked yet. */
  deployed: { version: Version; at: Instant; run_id: RunId | null } | null;
  /** The last deploy, whatever became of it. */
  deploy: NodeDeploy | null;
  /** What it answered when asked. */
  observed: { status: NodeStatus; version: Version | null; detail: string | null; checked_at: Instant } | null;
}

export interface NodeDeploy {
  run_id: RunId;
  version: Version;
  status: 'running' | 'ok' | 'failed' | 'cancelled';
  /** seq_no of its deploy_start: tells which move it belongs to, and fences an older one off. */
  seq_no: number;
  started_at: Instant;
  failure: DeployFailure | null;
}

export interface Move {
  type: 'promote' | 'rollback' | 'redeploy';
  version: Version;
  sha: Sha;
  /** rollback, and a redeploy that finishes one: the release that is taken off. promote: the one that is replaced. */
  from: Version | null;
  /** The nodes it concerns, in order. */
  nodes: readonly NodeId[];
  /** seq_no of the request. */
  seq_no: number;
  started_at: Instant;
  by: string;
  reason: string | null;
}

export interface TierRelease {
  version: Version;
  sha: Sha;
  /** seq_no of the event that brought it in; two entries of one release differ. */
  seq_no: number;
  since_at: Instant;
  by: string;
  entry: 'auto' | 'promote' | 'rollback';
  /** What every node ran when it came; a rollback of an unfinished promote returns to it. */
  before: Version | null;
  hotfix: { by: string; reason: string | null } | null;
  /** `pending` while it is put on the nodes, `complete` when every node runs it, `failed` when a deploy stopped the promote. */
  deployed: 'pending' | 'complete' | 'failed';
  failure: { node: NodeId | null; failure: DeployFailure | null; run_id: RunId | null } | null;
  /** When every node first ran it since it came; null until then. A deploy that fails later does not take it back. */
  completed_at: Instant | null;
  /** Latest attempt of each gate that was reached, by gate id. */
  gates: Readonly<Record<string, GateState>>;
  /** When the burn-in of this release began here; survives a second entry unless reset. */
  burn_in_since: Instant | null;
}

interface GateAttempt {
  run_id: RunId;
  attempt: number;
  started_at: Instant;
  /** How many of the attempts were begun by the server itself because a restart had interrupted the one before; left out for none. */
  retried?: number;
}
export type GateState =
  /** Asked to run (again); starts when the place is free. */
  | { status: 'queued'; attempt: number; retried?: number }
  | (GateAttempt & { status: 'running' })
  /** burn_in: `until` is the stored deadline. */
  | (GateAttempt & { status: 'burning_in'; until: Instant })
  | (GateAttempt & { status: 'awaiting_confirm'; have: readonly { by: string; at: Instant; comment: string | null }[]; need: number })
  | (GateAttempt & { status: 'passed'; ended_at: Instant; outcome: Outcome; by: string | null })
  | (GateAttempt & { status: 'failed'; ended_at: Instant; outcome: Outcome; by: string | null })
  | (GateAttempt & { status: 'cancelled'; ended_at: Instant; reason: string; by: string });

export interface Hold {
  version: Version;
  sha: Sha | null;
  at: Instant;
  by: string;
  reason: string | null;
}

export type RunStatus = 'running' | 'blocked' | 'passed' | 'failed' | 'cancelled';

/** Anything with a log: a build, a gate or a deploy. */
export interface Run {
  run_id: RunId;
  type: 'build' | 'gate' | 'deploy';
  version: Version;
  sha: Sha | null;
  tier: TierId | null;
  gate: GateId | null;
  gate_kind: GateKind | null;
  node: NodeId | null;
  attempt: number;
  status: RunStatus;
  started_at: Instant;
  ended_at: Instant | null;
  /** Why it failed: a classification of a build or gate, or a deploy's failure. */
  why: Classification | DeployFailure | null;
  excerpt: readonly string[];
  /** Its end is known, but a defect keeps it from being recorded; left out otherwise. Somebody has to look. */
  stuck?: { reason: string; at: Instant };
  /** Set when a run was stopped. */
  cancelled: { reason: string; by: string } | null;
  /** Size and hash of the finished log; null while it runs or when there is none. */
  log: { bytes: number; sha256: string } | null;
  tests: { passed: number; failed: number } | null;
}

export const EMPTY_STATE: State = {
  seq_no: 0,
  at: null,
  projects: [],
  activity: [],
  gaps: [],
  last_run_id: 0,
  server: null,
};
