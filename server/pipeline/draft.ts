/** Drafts of events, and the scratch fold that lets a decision see what its own events lead to before they are stored. */
import { fold } from '../../src/shared/fold/fold.ts';
import { Scratch } from '../../src/shared/fold/scratch.ts';
import type { State } from '../../src/shared/fold/state.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { SYSTEM_ACTOR, type Actor, type ProjectId } from '../../src/shared/protocol/ids.ts';
import type { Decision, Draft } from './intent.ts';

/** An event that the pipeline itself causes. */
export function bySystem(project: ProjectId, event: Event): Draft {
  return { project, event, actor: SYSTEM_ACTOR };
}

/** The state as it will be once the drafts are stored; numbers as the recorder will give them. */
export function foldDrafts(state: State, drafts: readonly Draft[], actor: Actor, now: string): State {
  return new Scratch().within(() =>
    drafts.reduce((s, draft) => {
      const stamp = { seq_no: s.seq_no + 1, id: '', at: now, project: draft.project, actor: draft.actor ?? actor };
      return fold(s, { ...stamp, ...draft.event });
    }, state),
  );
}

export function events(project: ProjectId | '*', list: readonly Event[], run_id?: number): Decision {
  return { type: 'events', drafts: list.map((event) => ({ project, event })), ...(run_id === undefined ? {} : { run_id }) };
}

export function because(reason: string | undefined): { reason?: string } {
  return reason === undefined || reason === '' ? {} : { reason };
}
