/**
 * Decides what an intent leads to: events, a refusal, or nothing. Pure: state and time are arguments, everything from outside (what git says,
 * how a run ended) is in the intent. The invariant: each decision closes over its consequences, so the state after any commit owes nothing
 * but what `pending` reads from it. It may refuse; it never throws on anything an operator or a late engine can send.
 */
import type { State } from '../../src/shared/fold/state.ts';
import { findProject } from '../../src/shared/fold/select.ts';
import type { Actor } from '../../src/shared/protocol/ids.ts';
import { consequences } from './consequences.ts';
import { decideCommand } from './decide_command.ts';
import { decideFact } from './decide_fact.ts';
import { bySystem, foldDrafts } from './draft.ts';
import type { Decision, Draft, Intent } from './intent.ts';

/** A decision whose consequences take more steps than this has a loop in the rules: a defect, not a busy day. */
const STEPS_MAX = 200;

export interface RunIds {
  next(): number;
}

/** @param run_id_floor the highest run_id the log store knows: numbers start above it and above the fold's. */
export function makeDecide(run_id_floor = 0): (intent: Intent, state: State, now: string) => Decision {
  return (intent, state, now) => {
    let last = Math.max(state.last_run_id, run_id_floor);
    const runIds: RunIds = { next: () => ++last };
    const decision = intent.type === 'command' ? decideCommand(intent, state, now, runIds) : decideFact(intent.fact, state, now, runIds);
    if (decision.type !== 'events') return decision;
    // What cannot be decided is told without deciding what follows: it would fail again.
    if (intent.type === 'fact' && intent.fact.fact === 'stuck') return decision;
    return { ...decision, drafts: closed(decision.drafts, state, now, intent.actor, runIds) };
  };
}

function closed(drafts: readonly Draft[], before: State, now: string, actor: Actor, runIds: RunIds): Draft[] {
  const out = [...drafts];
  let state = foldDrafts(before, drafts, actor, now);
  // The project of a draft does not tell: a change of the topology concerns the whole server and touches many.
  const touched = state.projects.filter((project) => project !== findProject(before, project.id));
  for (const { id } of touched) {
    for (let step = 0; ; step++) {
      const project = findProject(state, id);
      if (project === undefined) break;
      const events = consequences(project, now, () => runIds.next()).map((event) => bySystem(project.id, event));
      if (events.length === 0) break;
      if (step === STEPS_MAX) throw new Error(`consequences do not come to rest: ${events.map((d) => d.event.kind).join(', ')}`);
      out.push(...events);
      state = foldDrafts(state, events, actor, now);
    }
  }
  return out;
}
