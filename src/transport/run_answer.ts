/** What the run queries answer: a run of the dashboard state with its project, also of runs the state has forgotten. */
import * as z from 'zod/mini';
import type { Run } from '../shared/fold/state.ts';
import { GateKind } from '../shared/fold/topology.ts';
import { GateId, Instant, NodeId, ProjectId, RunId, Sha, TierId, Version } from '../shared/protocol/ids.ts';

export const RunAnswer = z.looseObject({
  run_id: RunId,
  project: ProjectId,
  type: z.enum(['build', 'gate', 'deploy']),
  version: Version,
  sha: z.nullable(Sha),
  tier: z.nullable(TierId),
  gate: z.nullable(GateId),
  gate_kind: z.nullable(GateKind),
  node: z.nullable(NodeId),
  attempt: z.int(),
  status: z.enum(['running', 'blocked', 'passed', 'failed', 'cancelled']),
  started_at: Instant,
  ended_at: z.nullable(Instant),
  why: z.nullable(z.looseObject({ type: z.string() })),
  excerpt: z.array(z.string()),
  cancelled: z.nullable(z.looseObject({ reason: z.string(), by: z.string() })),
  log: z.nullable(z.looseObject({ bytes: z.int(), sha256: z.string() })),
  tests: z.nullable(z.looseObject({ passed: z.int(), failed: z.int() })),
});
export type RunAnswer = Run & { project: ProjectId };
