/**
 * The one table of what is allowed. The server asks it to decide, every button asks it to be enabled and to say why not, so that a button
 * that looks possible is possible. It never changes anything, and it takes the actor in every check.
 */
import type { Command, CommandName, CommandOf } from '../protocol/commands.ts';
import { SYSTEM_ACTOR, type Actor } from '../protocol/ids.ts';
import type { Refusal, RefusalCode } from '../protocol/refusals.ts';
import type { ProjectState, State, TierState } from './state.ts';
import { holdOn, holdOnNodes, promotable, rollbackTarget, rollbackTargets, type HoldOn } from './entry.ts';
import { deviatingNodes, isMixed } from './nodes.ts';
import { findProject, findRelease, findRun, findTier, isBusy, missingGates, tierBefore, tierVerdict, waitingConfirm } from './select.ts';
import { broughtIn, decidedHere, decidedLately, lastWord, wordOfGates, type Decided, type Word } from './who.ts';

export type Verdict = { allowed: true } | { allowed: false; refusal: Refusal };

const YES: Verdict = { allowed: true };

function no(code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}): Verdict {
  return { allowed: false, refusal: { code, message, ...more } };
}

/** The name in an actor: `Ana` of `local:Ana`. */
export function actorName(actor: string): string {
  return actor.slice(actor.indexOf(':') + 1);
}

type Check<N extends CommandName> = (state: State, command: CommandOf<N>, actor: Actor) => Verdict;

const table: { [N in CommandName]: Check<N> } = {
  rebuild: (state, command) => inProject(state, command.project, () => YES),
  promote: (state, command) => inTier(state, command, (project, tier) => canPromote(project, tier, command)),
  confirm: (state, command, actor) => inTier(state, command, (project, tier) => canConfirm(state, project, tier, command, actor)),
  rollback: (state, command) => inTier(state, command, (project, tier) => canRollback(project, tier, command)),
  redeploy: (state, command) => inTier(state, command, (project, tier) => canRedeploy(project, tier, command)),
  lift_hold: (state, command) => inTier(state, command, (project, tier) => canLiftHold(state, project, tier, command)),
  retry_gate: (state, command) => inTier(state, command, (project, tier) => canRetryGate(state, project, tier, command)),
  cancel_run: (state, command) => canCancelRun(state, command),
};

/** May this actor do this now? `expect` in the command is checked too. */
export function can(state: State, command: Command, actor: Actor): Verdict {
  return (table[command.command] as Check<CommandName>)(state, command, actor);
}

function inProject(state: State, id: string, then: (project: ProjectState) => Verdict): Verdict {
  const project = findProject(state, id);
  return project === undefined ? no('unknown_project', `There is no project ${id}.`) : then(project);
}

function inTier(state: State, at: { project: string; tier: string }, then: (project: ProjectState, tier: TierState) => Verdict): Verdict {
  return inProject(state, at.project, (project) => {
    const tier = findTier(project, at.tier);
    return tier === undefined ? no('unknown_tier', `${project.id} has no tier ${at.tier}.`) : then(project, tier);
  });
}

/** The operator acts on what the operator saw: the release in `expect` must still be the one meant. @param word who replaced it, and when. */
function replaced(
  expect: { version: string; sha: string } | undefined,
  actual: { version: string; sha: string } | null | undefined,
  word: Word,
): Verdict | null {
  if (expect === undefined) return null;
  if (actual == null) return no('replaced', `${expect.version} is no longer there.`, word);
  if (expect.version === actual.version && expect.sha === actual.sha) return null;
  return no('replaced', `${actual.version} replaced ${expect.version} while this was open.`, word);
}

/** @param asked who asked for the gate that runs, when that is known. */
function busyRefusal(tier: TierState, asked: Word | null = null): Verdict {
  const verdict = tierVerdict(tier);
  if (verdict.type === 'moving') {
    const doing = { promote: 'is being deployed', rollback: 'is being put back', redeploy: 'is being redeployed' }[verdict.move.type];
    return no('busy', `${verdict.move.version} ${doing} on ${tier.id}.`, { by: verdict.move.by, at: verdict.move.started_at });
  }
  const gate = verdict.type === 'running' || verdict.type === 'queued' ? verdict.gate.id : 'a gate';
  const running = tier.current?.gates[gate];
  return no('busy', `${gate} of ${tier.current?.version ?? 'the release'} runs on ${tier.id}.`, {
    ...broughtIn(tier.current),
    ...(running !== undefined && 'started_at' in running ? { at: running.started_at } : {}),
    ...asked,
  });
}

function heldRefusal(version: string, { tier, hold }: HoldOn): Verdict {
  return no('held', `${version} is held since it was rolled back from ${tier.id} by ${actorName(hold.by)}.`, { by: hold.by, at: hold.at });
}

function canPromote(project: ProjectState, tier: TierState, command: CommandOf<'promote'>): Verdict {
  const before = tierBefore(project, tier);
  if (before === undefined) return no('nothing_to_promote', `${tier.id} is the first tier: a push or a rebuild brings a release there.`);
  const version = command.version ?? promotable(project, tier) ?? before.current?.version;
  if (version === undefined) return no('nothing_to_promote', `No release has reached ${before.id} yet.`);
  const release = findRelease(project, version);
  if (release === undefined) return no('unknown_release', `There is no release ${version} of ${project.id}.`);
  const moved = replaced(command.expect, release, { by: release.by, at: release.built_at });
  if (moved !== null) return moved;
  const held = holdOn(project, tier, version);
  if (held !== undefined) return heldRefusal(version, held);
  if (tier.frozen !== null)
    return no('frozen', `${tier.id} is frozen by ${actorName(tier.frozen.by)}: “${tier.frozen.reason}”.`, {
      by: tier.frozen.by,
      at: tier.frozen.at,
    });
  if (tier.nodes.length === 0) return no('not_provisioned', `${tier.id} has no nodes yet: add one to the config.`);
  if (isBusy(tier)) return busyRefusal(tier);
  if (skipsBurnInThere(tier, version, command)) return withReason(command);
  if (
    tier.current?.version === version &&
    tier.current.deployed === 'complete' &&
    tier.current.entry !== 'rollback' &&
    command.reset_burn_in !== true
  ) {
    return no('already_there', `${tier.id} runs ${version} already.`, broughtIn(tier.current));
  }
  const missing = missingFor(before, release.version, release.satisfied.includes(before.id), command.hotfix === true);
  if (missing.length > 0) {
    const message = `${version} has not passed ${missing.join(', ')} on ${before.id}.`;
    return no('gates_missing', message, { missing, ...wordOfGates(before, version) });
  }
  return withReason(command);
}

/** A hotfix for the release that burns in on this very tier: it stays where it is, and its burn-in ends now. */
export function skipsBurnInThere(tier: TierState, version: string | undefined, { hotfix }: CommandOf<'promote'>): boolean {
  return hotfix === true && tier.current?.version === version && tierVerdict(tier).type === 'waits_for_time';
}

function withReason({ hotfix, reason }: CommandOf<'promote'>): Verdict {
  return hotfix === true && (reason ?? '') === '' ? no('reason_required', 'A hotfix skips burn-in: say why.') : YES;
}

/** Gates of the tier before that keep the release out. A hotfix skips burn-in only. */
function missingFor(before: TierState, version: string, satisfied: boolean, hotfix: boolean): string[] {
  if (satisfied) return [];
  if (before.current?.version !== version || before.current.deployed !== 'complete')
    return before.gates.length > 0 ? before.gates.map((g) => g.id) : ['its deploy'];
  return missingGates(before)
    .filter((gate) => !(hotfix && gate.kind === 'burn_in'))
    .map((gate) => gate.id);
}

function canConfirm(state: State, project: ProjectState, tier: TierState, command: CommandOf<'confirm'>, actor: Actor): Verdict {
  const current = tier.current;
  const moved = replaced(command.expect, current, broughtIn(current));
  if (moved !== null) return alreadyDecided(decidedLately(state, project, tier, command.expect?.version), command.expect?.version) ?? moved;
  if (current === null) return no('not_waiting', `No release is on ${tier.id} yet.`);
  const waiting = waitingConfirm(tier);
  if (waiting !== null && (command.gate === undefined || command.gate === waiting.gate.id)) {
    const { have, need } = waiting.state;
    const mine = have.find((one) => one.by === actor);
    if (command.decision === 'confirm' && mine !== undefined) {
      const message = `You have confirmed ${current.version} already; ${need - have.length} more needed, from other people.`;
      return no('already_confirmed', message, { by: mine.by, at: mine.at });
    }
    return YES;
  }
  const message = `${current.version} on ${tier.id} does not wait for a confirm.`;
  return alreadyDecided(decidedHere(tier), current.version) ?? no('not_waiting', message, wordOfGates(tier, current.version));
}

function alreadyDecided(decided: Decided | null, version: string | undefined): Verdict | null {
  if (decided === null || version === undefined) return null;
  const { status, by, at } = decided;
  const did = status === 'passed' ? 'confirmed' : 'rejected';
  return no('already_decided', `${actorName(by)} ${did} ${version} at ${at.slice(11, 19)} UTC, before you.`, { by, at });
}

function canRollback(project: ProjectState, tier: TierState, command: CommandOf<'rollback'>): Verdict {
  const moved = replaced(command.expect, tier.current, broughtIn(tier.current));
  if (moved !== null) return moved;
  if (tier.current === null) return no('nothing_to_roll_back', `No release is on ${tier.id} yet.`);
  if (tier.nodes.length === 0) return no('nothing_to_roll_back', `${tier.id} has no nodes: there is nothing to put back.`);
  if (tier.move?.type === 'rollback') return busyRefusal(tier);
  if (rollbackTarget(project, tier) === null)
    return no(
      'nothing_to_roll_back',
      `${tier.current.version} is the first release on ${tier.id}: there is nothing to roll back to.`,
      broughtIn(tier.current),
    );
  if (command.to !== undefined && !rollbackTargets(project, tier).includes(command.to)) {
    const held = holdOn(project, tier, command.to);
    if (held !== undefined) return no('held', `${command.to} is held on ${held.tier.id}.`, { by: held.hold.by, at: held.hold.at });
    const message = `${command.to} has not completed on ${tier.id} before ${tier.current.version}.`;
    return no('nothing_to_roll_back', message, broughtIn(tier.current));
  }
  return YES;
}

function canRedeploy(project: ProjectState, tier: TierState, command: CommandOf<'redeploy'>): Verdict {
  const intended = tier.intended;
  const moved = replaced(command.expect, intended, broughtIn(intended));
  if (moved !== null) return moved;
  if (intended === null) return no('nothing_to_promote', `No release is intended for ${tier.id} yet.`);
  const held = holdOnNodes(project, tier, intended.version);
  if (held !== undefined) return heldRefusal(intended.version, held);
  if (isBusy(tier)) return busyRefusal(tier);
  const nodes = deviatingNodes(tier);
  if (command.node !== undefined && !tier.nodes.some((node) => node.id === command.node))
    return no('unknown_node', `${tier.id} has no node ${command.node}.`);
  if (command.node !== undefined && !nodes.some((node) => node.id === command.node))
    return no('not_mixed', `${command.node} runs ${intended.version} already.`, broughtIn(intended));
  if (!isMixed(tier) && nodes.length === 0)
    return no('not_mixed', `Every node of ${tier.id} runs ${intended.version}.`, broughtIn(intended));
  return YES;
}

function canLiftHold(state: State, project: ProjectState, tier: TierState, command: CommandOf<'lift_hold'>): Verdict {
  if (tier.held.some((hold) => hold.version === command.version)) return YES;
  const lifted = lastWord(state, project, (e) => e.kind === 'release_released' && e.tier === tier.id && e.version === command.version);
  return no('not_held', `${command.version} is not held on ${tier.id}.`, lifted ?? {});
}

function canRetryGate(state: State, project: ProjectState, tier: TierState, command: CommandOf<'retry_gate'>): Verdict {
  const gate = tier.gates.find((g) => g.id === command.gate);
  if (gate === undefined) return no('unknown_gate', `${tier.id} has no gate ${command.gate}.`);
  const moved = replaced(command.expect, tier.current, broughtIn(tier.current));
  if (moved !== null) return moved;
  const asked = (): Word | null =>
    lastWord(state, project, (e) => e.kind === 'gate_retry_requested' && e.tier === tier.id && e.gate === gate.id);
  if (isBusy(tier)) return busyRefusal(tier, tier.move === null ? asked() : null);
  const status = tier.current?.gates[gate.id]?.status;
  if (status !== 'failed' && status !== 'cancelled')
    return no('not_failed', `${gate.id} on ${tier.id} has not failed.`, asked() ?? broughtIn(tier.current));
  return YES;
}

function canCancelRun(state: State, command: CommandOf<'cancel_run'>): Verdict {
  const found = findRun(state, command.run_id);
  if (found === undefined) return no('unknown_run', `There is no run ${command.run_id}, or it is too old to act on.`);
  const { run } = found;
  if (run.status !== 'running' && run.status !== 'blocked') {
    return no('settled', `Run ${run.run_id} has ended already.`, {
      by: run.cancelled?.by ?? SYSTEM_ACTOR,
      ...(run.ended_at === null ? {} : { at: run.ended_at }),
    });
  }
  if (run.gate_kind === 'manual_confirm') return no('not_cancellable', 'A confirm is rejected, not cancelled.');
  return YES;
}
