/** Gates: `gate_start`, `gate_done` and `manual_confirm` are taken over exactly; optional fields are ours. */
import * as z from 'zod/mini';
import { GateId, RunId, Sha, TierId, Version } from '../ids.ts';
import { Outcome } from '../outcome.ts';

const which = { tier: TierId, version: Version, gate: GateId };

export const Decision = z.enum(['confirm', 'reject']);
export type Decision = z.infer<typeof Decision>;

export const gateEvents = {
  gate_start: { run_id: RunId, ...which, sha: z.optional(Sha), attempt: z.optional(z.int().check(z.positive())) },
  gate_done: { run_id: RunId, ...which, outcome: Outcome, sha: z.optional(Sha), attempt: z.optional(z.int().check(z.positive())) },
  gate_retry_requested: { ...which, sha: z.optional(Sha), reason: z.optional(z.string()) },
  manual_confirm: {
    tier: TierId,
    version: Version,
    gate: z.optional(GateId),
    run_id: z.optional(RunId),
    sha: z.optional(Sha),
    decision: z.optional(Decision),
    comment: z.optional(z.string()),
  },
  /** The run has ended, but a defect keeps its end from being recorded. It counts as under way until somebody looks. */
  run_stuck: { run_id: RunId, reason: z.string(), version: z.optional(Version) },
  run_cancelled: {
    run_id: RunId,
    reason: z.string(),
    tier: z.optional(TierId),
    gate: z.optional(GateId),
    node: z.optional(z.string()),
    version: z.optional(Version),
    comment: z.optional(z.string()),
  },
} as const;
