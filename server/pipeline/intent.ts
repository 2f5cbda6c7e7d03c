/** What the recorder is asked to record: an operator's command, or a fact of the engine, of git or of the server itself. */
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { Command } from '../../src/shared/protocol/commands.ts';
import type { Actor, ProjectId, RunId } from '../../src/shared/protocol/ids.ts';
import type { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { DeployFailure, Outcome } from '../../src/shared/protocol/outcome.ts';

/** What git said about the commit a rebuild names; looked up before deciding, because deciding does no I/O. */
export interface ResolvedCommit {
  sha: string;
  declared: string | null;
  subject: string | null;
  author: string | null;
  /** Head of the branch in the state when git was asked; left out when the commit was named. A newer push since then goes first. */
  head_seen?: string | null;
}

export type Intent =
  | { type: 'command'; command: Command; actor: Actor; key: string | null; body_hash: string | null; resolved?: ResolvedCommit }
  | { type: 'fact'; fact: Fact; actor: Actor };

/** Log fields of a finished run; null when it never had a log. */
export interface RunLogFields {
  bytes: number;
  sha256: string;
}

export type Fact =
  /** A push was noticed (hook, or the minute check). */
  | { fact: 'pushed'; project: ProjectId; commit: ResolvedCommit }
  | {
      fact: 'build_ended';
      project: ProjectId;
      run_id: RunId;
      elapsed_s: number;
      log: RunLogFields | null;
      outcome: Outcome;
      ended_by?: 'restart';
    }
  /** `ended_by`: a restart of the server interrupted it, so that it may begin again when the config allows. */
  | { fact: 'gate_ended'; project: ProjectId; run_id: RunId; outcome: Outcome; ended_by?: 'restart' }
  /** The build may not begin: its version stands for an older build that the state has forgotten. `taken` are all that begin like it. */
  | { fact: 'version_taken'; project: ProjectId; run_id: RunId; taken: readonly string[] }
  /** A run has ended, but deciding what comes of its end fails. */
  | { fact: 'stuck'; project: ProjectId; run_id: RunId; reason: string }
  | { fact: 'burn_in_elapsed'; project: ProjectId; run_id: RunId }
  | {
      fact: 'deploy_ended';
      project: ProjectId;
      run_id: RunId;
      elapsed_s: number;
      log: RunLogFields | null;
      failure: DeployFailure | null;
      excerpt: readonly string[];
    }
  /** `asked_after`: seq_no of the last deploy there when it was asked, 0 for none; an answer from before a later deploy says nothing. */
  | { fact: 'observed'; project: ProjectId; event: Event & { kind: 'node_observed' }; asked_after?: number }
  /** Topology changes and the server's own events, ready made. */
  | { fact: 'events'; project: ProjectId | '*'; events: readonly Event[] };

export interface Draft {
  project: ProjectId | '*';
  event: Event;
  actor?: Actor;
}

export type Decision =
  | { type: 'events'; drafts: readonly Draft[]; run_id?: RunId }
  | { type: 'refused'; project: ProjectId | '*'; refusal: Refusal }
  /** A fact for something already settled: nothing to record, a line in the server's log. */
  | { type: 'nothing'; why: string };
