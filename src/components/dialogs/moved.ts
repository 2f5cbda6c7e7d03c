/**
 * What became of the release an operator looks at while a dialog is open. The answer is the sentence that says the command would no longer
 * be about what was seen, or null while it still is. The server refuses such a command too; here it is only said in time.
 */
import { findProject, findTier, tierVerdict } from '../../shared/fold/select.ts';
import type { State, TierState } from '../../shared/fold/state.ts';
import type { Actor } from '../../shared/protocol/ids.ts';
import { displayName } from '../../shared/words/people.ts';
import { timeOfDay } from '../../shared/words/time.ts';

export interface Saw {
  project: string;
  tier: string;
  /** What was on the tier; null when nothing was. */
  version: string | null;
}

function tierNow(state: State, saw: Saw): TierState | undefined {
  const project = findProject(state, saw.project);
  return project === undefined ? undefined : findTier(project, saw.tier);
}

/** The tier has another release than the one that was seen. */
export function replacedWhileOpen(state: State, saw: Saw, me: Actor | null): string | null {
  const tier = tierNow(state, saw);
  if (tier === undefined) return `Not done. ${saw.project} has no tier ${saw.tier} any more.`;
  const { current } = tier;
  if ((current?.version ?? null) === saw.version) return null;
  if (current === null) return `Not done. ${saw.version ?? 'The release'} is no longer on ${saw.tier}.`;
  const who = [displayName(current.by, me), timeOfDay(current.since_at)].filter((part) => part !== '').join(', ');
  return `Not done. ${current.version} replaced ${saw.version ?? 'the empty place'} while this was open. ${who}.`;
}

/** The confirm was given, refused or taken away by somebody else. */
export function decidedWhileOpen(state: State, saw: Saw, me: Actor | null): string | null {
  const replaced = replacedWhileOpen(state, saw, me);
  const tier = tierNow(state, saw);
  if (replaced !== null || tier === undefined || tierVerdict(tier).type === 'waits_for_hand') return replaced;
  for (const gate of tier.gates) {
    const done = gate.kind === 'manual_confirm' ? tier.current?.gates[gate.id] : undefined;
    if (done === undefined || (done.status !== 'passed' && done.status !== 'failed') || done.by === null) continue;
    const who = displayName(done.by, me) || 'The pipeline';
    return `Not done. ${who} ${done.status === 'passed' ? 'confirmed' : 'rejected'} ${saw.version ?? ''} at ${timeOfDay(done.ended_at)}, before you.`;
  }
  return `Not done. ${saw.version ?? 'The release'} no longer waits for a confirm.`;
}
