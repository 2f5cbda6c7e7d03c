/** The server's own facts, and what came from the other seeds: the framework bus (`entity`, `link`) and the work board. */
import * as z from 'zod/mini';

const Data = z.record(z.string(), z.unknown());

export const serverEvents = {
  server_started: { boot_id: z.string(), version: z.string() },
  history_gap: { from: z.int(), to: z.int(), why: z.string() },
  backup_fetched: { source: z.string(), byte_size: z.int().check(z.nonnegative()) },
  command_refused: {
    command: z.string(),
    code: z.string(),
    message: z.string(),
    tier: z.optional(z.string()),
    version: z.optional(z.string()),
    run_id: z.optional(z.int()),
  },
  entity: {
    action: z.enum(['created', 'updated', 'deleted']),
    entity_type: z.string(),
    entity_id: z.string(),
    data: z.optional(Data),
    config_hash: z.optional(z.string()),
  },
  link: {
    action: z.enum(['created', 'deleted']),
    link_type: z.string(),
    link_id: z.string(),
    source_id: z.string(),
    target_id: z.string(),
    metadata: z.optional(Data),
  },
  stage_transition: { story_id: z.string(), from_stage: z.string(), to_stage: z.string() },
  merge_failure: { story_id: z.string(), reason: z.string() },
  story_blocked: { story_id: z.string(), reason: z.string() },
} as const;
