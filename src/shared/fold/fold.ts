/**
 * The one fold: envelopes in, dashboard state out, the same on the server and in the browser. Pure and total: it never throws, never asks the
 * time, does no I/O. It ignores an envelope whose seq_no is not above its own, so replaying any prefix twice changes nothing; kinds it does
 * not know are kept in the activity and shown generically. It decides nothing: what may happen is `decide`'s business, this only believes.
 */
import { onBuildAborted, onBuildFailed, onBuildOk, onBuildStart, onRebuildRequested } from './build_slice.ts';
import { inProject } from './change.ts';
import { onDeployFailed, onDeployOk, onDeployStart, onNodeObserved } from './deploy_slice.ts';
import { onGateDone, onGateRetryRequested, onGateStart, onManualConfirm, onRunCancelled, onRunStuck } from './gate_slice.ts';
import {
  onPromoteComplete,
  onPromoteFailed,
  onPromoteRequested,
  onRedeployRequested,
  onReleaseHeld,
  onReleaseReleased,
  onRollback,
  onRollbackFailed,
  onRollbackRequested,
} from './promote_slice.ts';
import { ACTIVITY_KEPT, GAPS_KEPT, type ProjectState, type State } from './state.ts';
import { isOwn, own } from './scratch.ts';
import { onEntity } from './topology_slice.ts';
import { byOf, inTier } from './change.ts';
import { isKnown, type Envelope, type KnownEnvelope } from '../protocol/envelope.ts';

export function fold(state: State, envelope: Envelope): State {
  if (envelope.seq_no <= state.seq_no) return state;
  // A refused command names a run as somebody typed it; it must not use up numbers.
  const run_id = 'run_id' in envelope && typeof envelope.run_id === 'number' && envelope.kind !== 'command_refused' ? envelope.run_id : 0;
  const stamped: State = {
    ...state,
    seq_no: envelope.seq_no,
    at: envelope.at,
    activity: withNewest(state.activity, envelope),
    last_run_id: Math.max(state.last_run_id, run_id),
  };
  return isKnown(envelope) ? onKnown(stamped, envelope) : stamped;
}

function withNewest(activity: readonly Envelope[], envelope: Envelope): readonly Envelope[] {
  if (!isOwn(activity)) return own(copiedWith(activity, envelope));
  const mine = activity as Envelope[];
  mine.push(envelope);
  if (mine.length > ACTIVITY_KEPT) mine.shift();
  return mine;
}

/** By hand: `[...activity.slice(1), envelope]` copies twice, and costs twice as much. */
function copiedWith(activity: readonly Envelope[], envelope: Envelope): Envelope[] {
  const from = Math.max(0, activity.length + 1 - ACTIVITY_KEPT);
  const copy = new Array<Envelope>(activity.length - from + 1).fill(envelope);
  for (let at = from; at < activity.length; at++) copy[at - from] = activity[at] ?? envelope;
  return copy;
}

function onKnown(state: State, e: KnownEnvelope): State {
  switch (e.kind) {
    case 'server_started':
      return { ...state, server: { boot_id: e.boot_id, version: e.version, started_at: e.at } };
    case 'history_gap':
      return { ...state, gaps: [...state.gaps.slice(1 - GAPS_KEPT), { from: e.from, to: e.to, why: e.why, at: e.at }] };
    case 'entity':
      return onEntity(state, e);
    default:
      return inProject(state, e.project, (project) => onProject(project, e));
  }
}

function onProject(project: ProjectState, e: Exclude<KnownEnvelope, { kind: 'server_started' | 'history_gap' | 'entity' }>): ProjectState {
  switch (e.kind) {
    case 'rebuild_requested':
      return onRebuildRequested(project, e);
    case 'build_start':
      return onBuildStart(project, e);
    case 'build_ok':
      return onBuildOk(project, e);
    case 'build_failed':
      return onBuildFailed(project, e);
    case 'build_aborted':
      return onBuildAborted(project, e);
    case 'gate_start':
      return onGateStart(project, e);
    case 'gate_done':
      return onGateDone(project, e);
    case 'gate_retry_requested':
      return onGateRetryRequested(project, e);
    case 'manual_confirm':
      return onManualConfirm(project, e);
    case 'run_stuck':
      return onRunStuck(project, e);
    case 'run_cancelled':
      return onRunCancelled(project, e);
    case 'deploy_start':
      return onDeployStart(project, e);
    case 'deploy_ok':
      return onDeployOk(project, e);
    case 'deploy_failed':
      return onDeployFailed(project, e);
    case 'node_observed':
      return onNodeObserved(project, e);
    case 'promote_requested':
      return onPromoteRequested(project, e);
    case 'promote_complete':
      return onPromoteComplete(project, e);
    case 'promote_failed':
      return onPromoteFailed(project, e);
    case 'redeploy_requested':
      return onRedeployRequested(project, e);
    case 'rollback_requested':
      return onRollbackRequested(project, e);
    case 'rollback':
      return onRollback(project, e);
    case 'rollback_failed':
      return onRollbackFailed(project, e);
    case 'release_held':
      return onReleaseHeld(project, e);
    case 'release_released':
      return onReleaseReleased(project, e);
    case 'tier_frozen':
      return inTier(project, e.tier, (tier) => ({ ...tier, frozen: { reason: e.reason, by: byOf(e), at: e.at } }));
    case 'tier_thawed':
      return inTier(project, e.tier, (tier) => ({ ...tier, frozen: null }));
    case 'backup_fetched':
    case 'command_refused':
    case 'link':
    case 'stage_transition':
    case 'merge_failure':
    case 'story_blocked':
      return project;
    default:
      return e satisfies never;
  }
}
