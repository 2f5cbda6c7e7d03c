/** Deploys, promotions, rollbacks and holds. The `deploy_*` kinds, `promote_complete` and `rollback` are taken over exactly; optional fields are ours. */
import * as z from 'zod/mini';
import { Instant, NodeId, RunId, Sha, TierId, Version } from '../ids.ts';
import { DeployFailure } from '../outcome.ts';

const onNode = { tier: TierId, node: NodeId, version: Version };
const ours = { sha: z.optional(Sha), run_id: z.optional(RunId), attempt: z.optional(z.int().check(z.positive())) };
const log = {
  log_ref: z.optional(z.string()),
  bytes: z.optional(z.int().check(z.nonnegative())),
  sha256: z.optional(z.string()),
  elapsed_s: z.optional(z.number()),
};
const reason = z.optional(z.string());

export const NodeStatus = z.enum(['matching', 'answers', 'differs', 'unreachable']);
export type NodeStatus = z.infer<typeof NodeStatus>;

export const deployEvents = {
  /** `fence` is `<generation>.<seq_no>` of this very event's epoch and position: a node refuses a lower one. */
  deploy_start: { ...onNode, ...ours, fence: z.optional(z.string()) },
  deploy_ok: { ...onNode, ...ours, ...log },
  deploy_failed: { ...onNode, failure: DeployFailure, ...ours, ...log, excerpt: z.optional(z.array(z.string())) },
  promote_requested: {
    tier: TierId,
    version: Version,
    sha: z.optional(Sha),
    auto: z.optional(z.boolean()),
    hotfix: z.optional(z.boolean()),
    reset_burn_in: z.optional(z.boolean()),
    reason,
  },
  promote_complete: { tier: TierId, version: Version, sha: z.optional(Sha) },
  promote_failed: {
    tier: TierId,
    version: Version,
    sha: z.optional(Sha),
    node: z.optional(NodeId),
    failure: z.optional(DeployFailure),
    reason,
  },
  redeploy_requested: { tier: TierId, version: Version, sha: z.optional(Sha), nodes: z.array(NodeId), reason },
  rollback_requested: { tier: TierId, from: Version, to: Version, nodes: z.optional(z.array(NodeId)), reason },
  rollback: { tier: TierId, from: Version, to: Version, sha: z.optional(Sha), reason },
  rollback_failed: { tier: TierId, from: Version, to: Version, node: z.optional(NodeId), failure: z.optional(DeployFailure), reason },
  release_held: { tier: TierId, version: Version, sha: z.optional(Sha), reason },
  release_released: { tier: TierId, version: Version, sha: z.optional(Sha), reason },
  tier_frozen: { tier: TierId, reason: z.string() },
  tier_thawed: { tier: TierId, reason },
  /** What a node answered when asked. Recorded when the answer changes and at least every ten minutes. */
  node_observed: {
    tier: TierId,
    node: NodeId,
    status: NodeStatus,
    version: z.optional(Version),
    detail: z.optional(z.string()),
    checked_at: Instant,
  },
} as const;
