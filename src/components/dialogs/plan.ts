/** What a deploy would do, said before it is done: which nodes, in which order, how it stops, how long it usually takes. */
import type { ProjectState, TierState } from '../../shared/fold/state.ts';
import { duration } from '../../shared/words/time.ts';
import { listed } from '../../shared/words/version.ts';
import { usualMove } from '../panel/station_model.ts';

const NODES_NAMED = 4;

/** @param nodes ids in the order they are taken. @param verb `Deploys`, `Puts 1.3.9 back on`. */
export function planWords(project: ProjectState, tier: TierState, nodes: readonly string[], verb = 'Deploys'): string {
  const [first, ...rest] = nodes;
  if (first === undefined) return `${tier.id} has no nodes: nothing is deployed.`;
  const usual = usualMove(project, tier, nodes.length);
  return `${verb} ${order(tier, first, rest)}.${usual === null ? '' : ` Usually ${duration(usual.p50)}.`}`;
}

function order(tier: TierState, first: string, rest: readonly string[]): string {
  if (rest.length === 0) return first;
  const few = rest.length < NODES_NAMED;
  switch (tier.canary) {
    case 'sequential':
      return `${few ? [first, ...rest].join(', then ') : `${first}, then ${rest.length} more one after another`}; stops at the first failure`;
    case 'parallel':
      return `${few ? listed([first, ...rest]) : `${first} and ${rest.length} more`} at the same time`;
    case 'one_then_rest':
      return `${first} first, then ${few ? listed(rest) : `the other ${rest.length}`} at the same time; stops if ${first} fails`;
    default:
      return tier.canary satisfies never;
  }
}
