/**
 * What the config says about the line, as far as the fold and the rules need it: the data of `entity` events. Scripts, paths and secrets
 * stay out of the log. `entity_id` is the path: `hello`, `hello/staging`, `hello/staging/burn_in`.
 */
import * as z from 'zod/mini';
import { GateId, NodeId, TierId } from '../protocol/ids.ts';

export const GateKind = z.enum(['command', 'http_check', 'boot_smoke', 'burn_in', 'manual_confirm']);
export type GateKind = z.infer<typeof GateKind>;
/** Gates that run a process or a request, and so have a log. */
export const PROCESS_GATES: ReadonlySet<GateKind> = new Set<GateKind>(['command', 'http_check', 'boot_smoke']);

export const CanaryPolicy = z.enum(['sequential', 'parallel', 'one_then_rest']);
export type CanaryPolicy = z.infer<typeof CanaryPolicy>;

/** How often what a restart of the server interrupted begins again by itself. More than the config may say counts as the most. */
export const RETRIES_MAX = 2;
const retry_interrupted = z.optional(z.int().check(z.nonnegative()));

/** Data of `entity{entity_type: 'project'}`: the whole line in one entity, so that order and content change together. */
export const ProjectTopology = z.looseObject({
  branch: z.string(),
  build: z.optional(z.looseObject({ retry_interrupted })),
  tiers: z.array(
    z.looseObject({
      id: TierId,
      auto_promote: z.boolean(),
      canary: CanaryPolicy,
      gates: z.array(
        z.looseObject({
          id: GateId,
          kind: GateKind,
          for_s: z.optional(z.number()),
          approvals: z.optional(z.int().check(z.positive())),
          retry_interrupted,
        }),
      ),
      nodes: z.array(z.looseObject({ id: NodeId, health: z.enum(['probed', 'answers', 'none']) })),
    }),
  ),
});
export type ProjectTopology = z.infer<typeof ProjectTopology>;
