/** Operator's commands: `can` says whether, this says what. */
import { can, skipsBurnInThere } from '../../src/shared/fold/can.ts';
import { promotable, rollbackTarget } from '../../src/shared/fold/entry.ts';
import { deviatingNodes } from '../../src/shared/fold/nodes.ts';
import { findProject, findRun, findTier, isUnderWay, missingGates, tierBefore, waitingConfirm } from '../../src/shared/fold/select.ts';
import type { ProjectState, State, TierState } from '../../src/shared/fold/state.ts';
import type { CommandOf } from '../../src/shared/protocol/commands.ts';
import { WHOLE_SERVER } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { Actor, Version } from '../../src/shared/protocol/ids.ts';
import type { RunIds } from './decide.ts';
import { rebuild } from './decide_push.ts';
import { because, events, foldDrafts } from './draft.ts';
import type { Decision, Intent } from './intent.ts';
import { cancel, cancelGates, stopDeploy } from './stops.ts';

type CommandIntent = Extract<Intent, { type: 'command' }>;

export function decideCommand(intent: CommandIntent, state: State, now: string, runIds: RunIds): Decision {
  const { command, actor } = intent;
  const verdict = can(state, command, actor);
  const project = 'project' in command ? findProject(state, command.project) : findRun(state, command.run_id)?.project;
  if (!verdict.allowed) return { type: 'refused', project: project?.id ?? WHOLE_SERVER, refusal: verdict.refusal };
  if (project === undefined) throw new Error(`${command.command} was allowed without a project`);
  if (command.command === 'rebuild') return rebuild(project, intent.resolved, actor, runIds, command.reason);
  if (command.command === 'cancel_run') return events(project.id, cancel(project, command), command.run_id);
  const tier = findTier(project, command.tier);
  if (tier === undefined) throw new Error(`${command.command} was allowed without a tier`);
  switch (command.command) {
    case 'promote':
      return events(project.id, promote(project, tier, command, actor));
    case 'confirm':
      return events(project.id, confirm(tier, command, actor));
    case 'rollback':
      return events(project.id, rollback(state, project, tier, command, actor, now));
    case 'redeploy':
      return events(project.id, redeploy(tier, command));
    case 'lift_hold':
      return events(project.id, [{ kind: 'release_released', tier: tier.id, version: command.version, reason: command.reason }]);
    case 'retry_gate':
      return events(project.id, retryGate(tier, command));
    default:
      return command satisfies never;
  }
}

function promote(project: ProjectState, tier: TierState, command: CommandOf<'promote'>, actor: Actor): Event[] {
  const before = tierBefore(project, tier);
  const version = command.version ?? promotable(project, tier) ?? before?.current?.version;
  const release = project.releases.find((r) => r.version === version);
  if (before === undefined || release === undefined) throw new Error('promote was allowed without a release');
  if (skipsBurnInThere(tier, version, command)) return skipBurnIn(tier, actor, command.reason);
  const skipped = command.hotfix === true && !release.satisfied.includes(before.id) ? skipBurnIn(before, actor, command.reason) : [];
  return [
    ...skipped,
    ...cancelGates(tier, 'superseded', () => true),
    {
      kind: 'promote_requested',
      tier: tier.id,
      version: release.version,
      sha: release.sha,
      ...(command.hotfix === true ? { hotfix: true } : {}),
      ...(command.reset_burn_in === true ? { reset_burn_in: true } : {}),
      ...because(command.reason),
    },
  ];
}

function skipBurnIn(tier: TierState, by: Actor, reason: string | undefined): Event[] {
  const current = tier.current;
  if (current === null) return [];
  return missingGates(tier).flatMap((gate): Event[] => {
    const state = current.gates[gate.id];
    if (gate.kind !== 'burn_in' || !isUnderWay(state)) return [];
    const which = {
      run_id: state.run_id,
      tier: tier.id,
      version: current.version,
      sha: current.sha,
      gate: gate.id,
      attempt: state.attempt,
    };
    return [{ kind: 'gate_done', ...which, outcome: { status: 'passed', skipped: { by, ...because(reason) } } }];
  });
}

function confirm(tier: TierState, command: CommandOf<'confirm'>, actor: Actor): Event[] {
  const waiting = waitingConfirm(tier);
  const current = tier.current;
  if (waiting === null || current === null) throw new Error('confirm was allowed though nothing waits');
  const { run_id, attempt, need } = waiting.state;
  const which = { run_id, tier: tier.id, version: current.version, sha: current.sha, gate: waiting.gate.id };
  const comment = command.comment === undefined || command.comment === '' ? {} : { comment: command.comment };
  const said: Event = { kind: 'manual_confirm', ...which, decision: command.decision, ...comment };
  if (command.decision === 'reject') {
    return [
      said,
      { kind: 'gate_done', ...which, attempt, outcome: { status: 'failed', classification: { type: 'rejected', by: actor, ...comment } } },
    ];
  }
  const have = waiting.state.have.length + 1;
  if (have < need) {
    return [
      said,
      { kind: 'gate_done', ...which, attempt, outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have, need }] } },
    ];
  }
  return [said, { kind: 'gate_done', ...which, attempt, outcome: { status: 'passed' } }];
}

/** Stops what runs there, holds the bad release, and returns the nodes that deviate from the one before. */
function rollback(
  state: State,
  project: ProjectState,
  tier: TierState,
  command: CommandOf<'rollback'>,
  actor: Actor,
  now: string,
): Event[] {
  const to: Version | null = command.to ?? rollbackTarget(project, tier);
  const from = tier.current;
  if (to === null || from === null) throw new Error('rollback was allowed without a target');
  const stops: Event[] = [
    ...tier.nodes.flatMap((node): Event[] =>
      node.deploy?.status === 'running' ? stopDeploy(project, node.deploy.run_id, 'rolled_back') : [],
    ),
    ...cancelGates(tier, 'rolled_back', () => true),
    { kind: 'release_held', tier: tier.id, version: from.version, sha: from.sha, ...because(command.reason) },
  ];
  const stopped = foldDrafts(
    state,
    stops.map((event) => ({ project: project.id, event })),
    actor,
    now,
  );
  const after = findProject(stopped, project.id);
  const nodes = after === undefined ? [] : deviatingNodes(findTier(after, tier.id) ?? tier, to).map((node) => node.id);
  return [...stops, { kind: 'rollback_requested', tier: tier.id, from: from.version, to, nodes, ...because(command.reason) }];
}

function redeploy(tier: TierState, command: CommandOf<'redeploy'>): Event[] {
  const intended = tier.intended;
  if (intended === null) throw new Error('redeploy was allowed without an intended release');
  const nodes = command.node === undefined ? deviatingNodes(tier).map((node) => node.id) : [command.node];
  return [{ kind: 'redeploy_requested', tier: tier.id, version: intended.version, sha: intended.sha, nodes, ...because(command.reason) }];
}

function retryGate(tier: TierState, command: CommandOf<'retry_gate'>): Event[] {
  const current = tier.current;
  if (current === null) throw new Error('retry was allowed without a release');
  return [
    {
      kind: 'gate_retry_requested',
      tier: tier.id,
      version: current.version,
      sha: current.sha,
      gate: command.gate,
      ...because(command.reason),
    },
  ];
}
