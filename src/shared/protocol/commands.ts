/**
 * What an operator may ask for: the JSON bodies of the command routes, and their answers. `expect` is the release the operator saw;
 * a command on another release is refused as `replaced`. Names in the path (project, tier, gate, run) are joined with the body into one `Command`.
 */
import * as z from 'zod/mini';
import { GateId, NodeId, ProjectId, RunId, SeqNo, Sha, TierId, Version } from './ids.ts';
import { Decision } from './events/gate.ts';
import { Refusal } from './refusals.ts';

export const Expect = z.strictObject({ version: Version, sha: Sha });
export type Expect = z.infer<typeof Expect>;

const text = z.string().check(z.trim(), z.maxLength(2000));
const reason = z.optional(text);
const expect = z.optional(Expect);

/** Body schemas by command name; strict, so that a misspelt field is an error and not silence. */
export const commandBodies = {
  rebuild: z.strictObject({ sha: z.optional(Sha), reason }),
  promote: z.strictObject({
    version: z.optional(Version),
    hotfix: z.optional(z.boolean()),
    reset_burn_in: z.optional(z.boolean()),
    reason,
    expect,
  }),
  confirm: z.strictObject({ decision: z._default(Decision, 'confirm'), comment: reason, gate: z.optional(GateId), expect }),
  rollback: z.strictObject({ to: z.optional(Version), reason, expect }),
  redeploy: z.strictObject({ node: z.optional(NodeId), reason, expect }),
  lift_hold: z.strictObject({ version: Version, reason: text.check(z.minLength(1, 'a reason is needed')) }),
  retry_gate: z.strictObject({ reason, expect }),
  cancel_run: z.strictObject({ reason }),
} as const;

const inTier = { project: ProjectId, tier: TierId };

export const Command = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('rebuild'), project: ProjectId, ...commandBodies.rebuild.shape }),
  z.strictObject({ command: z.literal('promote'), ...inTier, ...commandBodies.promote.shape }),
  z.strictObject({ command: z.literal('confirm'), ...inTier, ...commandBodies.confirm.shape }),
  z.strictObject({ command: z.literal('rollback'), ...inTier, ...commandBodies.rollback.shape }),
  z.strictObject({ command: z.literal('redeploy'), ...inTier, ...commandBodies.redeploy.shape }),
  z.strictObject({ command: z.literal('lift_hold'), ...inTier, ...commandBodies.lift_hold.shape }),
  z.strictObject({ command: z.literal('retry_gate'), ...inTier, gate: GateId, ...commandBodies.retry_gate.shape }),
  z.strictObject({ command: z.literal('cancel_run'), run_id: RunId, ...commandBodies.cancel_run.shape }),
]);
export type Command = z.infer<typeof Command>;
export type CommandName = Command['command'];
export type CommandOf<N extends CommandName> = Extract<Command, { command: N }>;

/** What became of a command. `seq_no` is its first event's; a refusal is an event too. */
export const Answer = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('applied'), seq_no: SeqNo, run_id: z.optional(RunId) }),
  z.looseObject({ status: z.literal('refused'), seq_no: SeqNo, refusal: Refusal }),
]);
export type Answer = z.infer<typeof Answer>;
