/**
 * The second look at what was decided, just before it is done. The first was taken when the command was decided; since then the run may have
 * waited for its lane. Whatever its premise was (this version, this commit, in this move) must still be what the state means.
 */
import { findProject, findRelease, findTier } from '../../../src/shared/fold/select.ts';
import type { State } from '../../../src/shared/fold/state.ts';
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import { pending, type Effect } from '../pending.ts';
import type { Fact } from '../intent.ts';

/** @returns why the effect must not begin any more, as the end of a sentence; null when it still may. */
export function overtaken(state: State, effect: Effect): string | null {
  const owed = pending(state).find(({ run_id }) => run_id === effect.run_id);
  if (owed === undefined) return 'it has an end already';
  if (owed.version !== effect.version || owed.sha !== effect.sha) return `it is now about ${owed.version}`;
  if (effect.type !== 'deploy') return null;
  const project = findProject(state, effect.project);
  const tier = project === undefined ? undefined : findTier(project, effect.tier);
  if (project === undefined || tier === undefined) return `${effect.tier} is gone`;
  const { move } = tier;
  if (move === null || move.version !== effect.version || move.sha !== effect.sha || !move.nodes.includes(effect.node))
    return move === null ? `nothing is put on ${tier.id} any more` : `${move.version} is put on ${tier.id} now`;
  if (findRelease(project, effect.version)?.sha !== effect.sha) return `${effect.version} is no longer the release that was meant`;
  return null;
}

/** The end of a run that never began; settles nothing when it has one. */
export function droppedFacts(effect: Effect, why: string): Fact[] {
  const { project, run_id } = effect;
  const message = `It was not begun: ${why}.`;
  const outcome: Outcome = { status: 'failed', classification: { type: 'replaced', message, suspect: 'machine' }, excerpt: [message] };
  switch (effect.type) {
    case 'build':
      return [{ fact: 'build_ended', project, run_id, elapsed_s: 0, log: null, outcome }];
    case 'gate':
      return [{ fact: 'gate_ended', project, run_id, outcome }];
    case 'deploy':
      return [
        { fact: 'deploy_ended', project, run_id, elapsed_s: 0, log: null, failure: { type: 'replaced', message }, excerpt: [message] },
      ];
    case 'burn_in':
      return [];
    default:
      return effect satisfies never;
  }
}
