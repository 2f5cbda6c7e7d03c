/** What a confirm would set off: the next tier moves by itself, or a promote becomes possible, or nothing moves. The dialog must say which. */
import { holdOn } from '../../shared/fold/entry.ts';
import { tierAfter } from '../../shared/fold/select.ts';
import type { ProjectState, TierState } from '../../shared/fold/state.ts';
import type { Actor } from '../../shared/protocol/ids.ts';
import { displayName } from '../../shared/words/people.ts';
import { counted, listed } from '../../shared/words/version.ts';
import { planWords } from './plan.ts';

export interface ConfirmWords {
  title: string;
  lines: readonly string[];
}

export function confirmWords(project: ProjectState, tier: TierState, version: string, me: Actor | null): ConfirmWords {
  const here: ConfirmWords = { title: `Confirm ${version} on ${tier.id}?`, lines: [] };
  const gate = tier.gates.find((one) => tier.current?.gates[one.id]?.status === 'awaiting_confirm');
  const waits = gate === undefined ? undefined : tier.current?.gates[gate.id];
  if (waits?.status === 'awaiting_confirm' && waits.need - waits.have.length > 1) {
    const more = waits.need - waits.have.length - 1;
    const have = waits.have.length === 0 ? '' : ` Confirmed so far by ${listed(waits.have.map((one) => displayName(one.by, me)))}.`;
    return {
      ...here,
      lines: [`${waits.need} people must confirm; after you ${counted(more, 'more person').replace('persons', 'people')}.${have}`],
    };
  }
  const after = tier.gates.slice(gate === undefined ? tier.gates.length : tier.gates.indexOf(gate) + 1);
  if (after.length > 0) return { ...here, lines: [`Then ${listed(after.map((one) => one.id))} must pass here.`] };
  const next = tierAfter(project, tier);
  if (next === undefined) return { ...here, lines: [`${tier.id} is the last tier: nothing moves.`] };
  return onward(project, next, version, here);
}

function onward(project: ProjectState, next: TierState, version: string, here: ConfirmWords): ConfirmWords {
  const byHand = `It does not go to ${next.id} by itself: Promote becomes possible.`;
  if (!next.auto_promote) return { ...here, lines: [byHand] };
  if (next.hand_only !== null) return { ...here, lines: [`${byHand} After what happened on ${next.id}, a person promotes.`] };
  if (next.frozen !== null) return { ...here, lines: [`${next.id} is frozen: ${version} waits before it.`] };
  if (holdOn(project, next, version) !== undefined)
    return { ...here, lines: [`${version} is held on ${next.id}: it goes no further until someone lifts the hold.`] };
  return {
    title: `Send ${version} to ${next.id}?`,
    lines: [
      planWords(
        project,
        next,
        next.nodes.map((node) => node.id),
      ),
    ],
  };
}
