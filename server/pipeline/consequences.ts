/**
 * What follows by itself from a state: the next deploy of a canary, the end of a promote, the next gate, an auto-promotion. Pure; the events
 * it names are stored in the same commit as the event that led there, so that there is no state in which something owed is forgotten.
 * It starts nothing: an engine reads what is running from the stored state and acts then.
 */
import { holdOnNodes, nextWaitsFor } from '../../src/shared/fold/entry.ts';
import { nodeVersion } from '../../src/shared/fold/nodes.ts';
import { findTier, gateAt, tierBefore } from '../../src/shared/fold/select.ts';
import type { GateDef, Move, NodeState, ProjectState, Run, TierState } from '../../src/shared/fold/state.ts';
import { PROCESS_GATES, type CanaryPolicy } from '../../src/shared/fold/topology.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { DeployFailure } from '../../src/shared/protocol/outcome.ts';

/** Events that follow now, in order; empty when the project rests or waits for something outside. Ask again after folding them. */
export function consequences(project: ProjectState, now: string, nextRunId: () => number): Event[] {
  const orphans = ofOrphans(project);
  if (orphans.length > 0) return orphans;
  for (const tier of project.tiers) {
    const events =
      tier.move !== null ? ofMove(project, tier, tier.move, nextRunId) : [...ofGates(tier, now, nextRunId), ...ofNext(project, tier)];
    if (events.length > 0) return events;
  }
  return [];
}

/** Runs whose gate or node the config no longer has, and processes of gates that are to run none any more: nothing would ever end them. */
function ofOrphans(project: ProjectState): Event[] {
  return project.runs.flatMap((run): Event[] => {
    if (run.tier === null || (run.status !== 'running' && run.status !== 'blocked')) return [];
    const tier = findTier(project, run.tier);
    const gate = tier?.gates.find(({ id }) => id === run.gate);
    if (gate !== undefined && !lostItsProcess(run, gate)) return [];
    if (run.node !== null && tier?.nodes.some((node) => node.id === run.node) === true) return [];
    const where = { ...(run.gate === null ? {} : { gate: run.gate }), ...(run.node === null ? {} : { node: run.node }) };
    return [{ kind: 'run_cancelled', run_id: run.run_id, reason: 'removed', tier: run.tier, version: run.version, ...where }];
  });
}

function lostItsProcess({ gate_kind }: Run, { kind }: GateDef): boolean {
  return gate_kind !== null && PROCESS_GATES.has(gate_kind) && !PROCESS_GATES.has(kind);
}

/** The deploy of this very move, or null when it has not begun there. */
function deployOf(move: Move, node: NodeState | undefined): NodeState['deploy'] {
  return node?.deploy != null && node.deploy.seq_no > move.seq_no && node.deploy.version === move.version ? node.deploy : null;
}

function ofMove(project: ProjectState, tier: TierState, move: Move, nextRunId: () => number): Event[] {
  const nodes = move.nodes.map((id) => tier.nodes.find((node) => node.id === id)).filter((node) => node !== undefined);
  const running = nodes.filter((node) => deployOf(move, node)?.status === 'running');
  const broken = nodes.find((node) => ['failed', 'cancelled'].includes(deployOf(move, node)?.status ?? ''));
  const waiting = nodes.filter((node) => deployOf(move, node) === null);
  // A rollback goes on past a broken node: every node it can return is one less on the bad release.
  if (broken !== undefined && (move.type !== 'rollback' || waiting.length === 0))
    return running.length > 0 ? [] : failed(tier, move, broken);
  // Rolled back from in an earlier tier meanwhile: what runs goes on, but no further node gets it.
  const held = holdOnNodes(project, tier, move.version);
  if (held !== undefined && waiting[0] !== undefined)
    return running.length > 0 ? [] : notThere(tier, move, { node: waiting[0].id, reason: `${move.version} is held on ${held.tier.id}` });
  if (waiting.length === 0) return running.length > 0 ? [] : completed(tier, move);
  return waiting.slice(0, placesFor(tier.canary, nodes.length - waiting.length, running.length)).map((node) => ({
    kind: 'deploy_start',
    tier: tier.id,
    node: node.id,
    version: move.version,
    sha: move.sha,
    run_id: nextRunId(),
    attempt: 1 + project.runs.filter((run) => run.node === node.id && run.tier === tier.id && run.version === move.version).length,
  }));
}

/** How many more nodes may be deployed to now. */
function placesFor(canary: CanaryPolicy, started: number, running: number): number {
  switch (canary) {
    case 'parallel':
      return Infinity;
    case 'sequential':
      return 1 - running;
    case 'one_then_rest':
      if (started === 0) return 1;
      return started === 1 && running === 1 ? 0 : Infinity;
    default:
      return canary satisfies never;
  }
}

function failed(tier: TierState, move: Move, node: NodeState): Event[] {
  const deploy = deployOf(move, node);
  const why = {
    node: node.id,
    ...(deploy?.failure == null ? {} : { failure: deploy.failure }),
    ...(deploy?.status === 'cancelled' ? { reason: 'cancelled' } : {}),
  };
  return notThere(tier, move, why);
}

function notThere(tier: TierState, move: Move, why: { node: NodeState['id']; failure?: DeployFailure; reason?: string }): Event[] {
  const from = takenOff(move);
  if (from !== null) return [{ kind: 'rollback_failed', tier: tier.id, from, to: move.version, ...why }];
  return [{ kind: 'promote_failed', tier: tier.id, version: move.version, sha: move.sha, ...why }];
}

/** The release that a rollback takes off, also when a redeploy finishes it. */
function takenOff(move: Move): Move['from'] {
  return move.type === 'promote' ? null : move.from;
}

function completed(tier: TierState, move: Move): Event[] {
  const other = tier.nodes.find((node) => nodeVersion(node) !== move.version);
  if (other !== undefined)
    return notThere(tier, move, { node: other.id, reason: `${other.id} still runs ${nodeVersion(other) ?? 'an unknown release'}` });
  const from = takenOff(move);
  if (from !== null)
    return [
      { kind: 'rollback', tier: tier.id, from, to: move.version, sha: move.sha, ...(move.reason === null ? {} : { reason: move.reason }) },
    ];
  return [{ kind: 'promote_complete', tier: tier.id, version: move.version, sha: move.sha }];
}

/** Gates run one after another; a failure stops there. */
function ofGates(tier: TierState, now: string, nextRunId: () => number): Event[] {
  const current = tier.current;
  if (current === null || current.deployed !== 'complete' || current.entry === 'rollback') return [];
  const gate = gateAt(tier, current);
  if (gate === undefined) return [];
  const state = current.gates[gate.id];
  if (state !== undefined && state.status !== 'queued') return [];
  return startOf(tier, gate, state?.attempt ?? 1, now, nextRunId());
}

function startOf(tier: TierState, gate: GateDef, attempt: number, now: string, run_id: number): Event[] {
  const current = tier.current;
  if (current === null) return [];
  const which = { run_id, tier: tier.id, version: current.version, sha: current.sha, gate: gate.id, attempt };
  const start: Event = { kind: 'gate_start', ...which };
  switch (gate.kind) {
    case 'command':
    case 'http_check':
    case 'boot_smoke':
      return [start];
    case 'burn_in': {
      if (current.hotfix !== null) {
        const { by, reason } = current.hotfix;
        return [
          start,
          { kind: 'gate_done', ...which, outcome: { status: 'passed', skipped: { by, ...(reason === null ? {} : { reason }) } } },
        ];
      }
      const since = Date.parse(current.burn_in_since ?? now);
      const until = new Date(since + (gate.for_s ?? 0) * 1000).toISOString();
      return [start, { kind: 'gate_done', ...which, outcome: { status: 'blocked', blockers: [{ type: 'burn_in', until }] } }];
    }
    case 'manual_confirm':
      return [
        start,
        {
          kind: 'gate_done',
          ...which,
          outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: gate.approvals ?? 1 }] },
        },
      ];
    default:
      return gate.kind satisfies never;
  }
}

function ofNext(project: ProjectState, tier: TierState): Event[] {
  if (tier.next === null || nextWaitsFor(project, tier) !== null) return [];
  const first = tierBefore(project, tier) === undefined;
  if (!first && tier.nodes.length === 0) return [];
  return [{ kind: 'promote_requested', tier: tier.id, version: tier.next.version, sha: tier.next.sha, auto: true }];
}
