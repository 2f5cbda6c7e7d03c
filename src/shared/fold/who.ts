/** Who did what was done instead, and when: what a refusal tells the operator who came second. */
import { isKnown, type KnownEnvelope } from '../protocol/envelope.ts';
import type { Refusal } from '../protocol/refusals.ts';
import { byOf } from './change.ts';
import type { ProjectState, State, TierState } from './state.ts';

export type Word = Pick<Refusal, 'by' | 'at'>;

/** Who brought in what is there now, and when. */
export function broughtIn(what: { by: string; since_at: string } | null): Word {
  return what === null ? {} : { by: what.by, at: what.since_at };
}

/** Who said last what this is about, as far as the newest events tell. */
export function lastWord(state: State, project: ProjectState, isIt: (e: KnownEnvelope) => boolean): Word | null {
  const e = state.activity.findLast((each) => each.project === project.id && isKnown(each) && isIt(each));
  return e === undefined ? null : { by: byOf(e), at: e.at };
}

/** Who rejected or stopped it in that tier, and when; nothing when no hand was in it. */
export function wordOfGates(tier: TierState, version: string): Word {
  if (tier.current?.version !== version) return broughtIn(tier.current);
  const ended = Object.values(tier.current.gates).find((gate) => 'by' in gate && gate.by !== null && gate.status !== 'passed');
  return ended !== undefined && 'by' in ended && ended.by !== null ? { by: ended.by, at: ended.ended_at } : broughtIn(tier.current);
}

export interface Decided {
  status: 'passed' | 'failed';
  by: string;
  at: string;
}

/** The decision of a human on the release that is here. */
export function decidedHere(tier: TierState): Decided | null {
  for (const gate of tier.gates) {
    const state = tier.current?.gates[gate.id];
    if (gate.kind !== 'manual_confirm' || (state?.status !== 'passed' && state?.status !== 'failed') || state.by === null) continue;
    return { status: state.status, by: state.by, at: state.ended_at };
  }
  return null;
}

/** The decision that made way for the release that stands here now: looked up in what happened lately. */
export function decidedLately(state: State, project: ProjectState, tier: TierState, version: string | undefined): Decided | null {
  const confirms = new Set<string>(tier.gates.filter((gate) => gate.kind === 'manual_confirm').map((gate) => gate.id));
  for (const e of state.activity.toReversed()) {
    if (!isKnown(e) || e.kind !== 'gate_done' || e.outcome.status === 'blocked' || e.project !== project.id) continue;
    if (e.tier === tier.id && e.version === version && confirms.has(e.gate)) return { status: e.outcome.status, by: byOf(e), at: e.at };
  }
  return null;
}
