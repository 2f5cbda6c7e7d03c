/** Why a command was not done: a closed list of codes, each with a sentence. `REFUSAL_TITLE` is the generic sentence; a refusal carries the particular one. */
import * as z from 'zod/mini';
import { Actor, Instant } from './ids.ts';

export const REFUSAL_TITLE = {
  unknown_project: 'There is no such project.',
  unknown_tier: 'The project has no such tier.',
  unknown_node: 'The tier has no such node.',
  unknown_gate: 'The tier has no such gate.',
  unknown_release: 'There is no such release.',
  unknown_run: 'There is no such run.',
  replaced: 'The release you saw is no longer the one here.',
  gates_missing: 'Not every gate of the tier before is satisfied.',
  held: 'The release is held.',
  frozen: 'The tier is frozen.',
  busy: 'A deploy or gate process runs there.',
  not_provisioned: 'The tier has no nodes yet.',
  nothing_to_promote: 'No release is ready to enter this tier.',
  already_there: 'The tier runs this release already.',
  not_waiting: 'No gate waits for a confirm here.',
  already_decided: 'Somebody decided before you.',
  already_confirmed: 'You have confirmed this release already; another person is needed.',
  nothing_to_roll_back: 'There is no release to roll back to.',
  not_mixed: 'Every node runs the intended release.',
  not_held: 'The release is not held here.',
  not_failed: 'The gate has not failed.',
  settled: 'The run has ended already.',
  not_cancellable: 'This run cannot be cancelled.',
  reason_required: 'This needs a reason.',
  unresolvable: 'The commit could not be found in the repository.',
} as const;

export type RefusalCode = keyof typeof REFUSAL_TITLE;
export const RefusalCode = z.enum(Object.keys(REFUSAL_TITLE) as [RefusalCode, ...RefusalCode[]]);

export const Refusal = z.looseObject({
  code: RefusalCode,
  /** One sentence for the operator, with names. */
  message: z.string(),
  /** Gates that are not satisfied, when the code is `gates_missing`. */
  missing: z.optional(z.array(z.string())),
  /** Who did what was done instead, and when. */
  by: z.optional(Actor),
  at: z.optional(Instant),
});
export type Refusal = z.infer<typeof Refusal>;
