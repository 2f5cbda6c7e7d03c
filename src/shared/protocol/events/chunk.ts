/**
 * Log chunks: live only, never in the event log. `bytes` counts file bytes from `offset`; `text` is their lossy UTF-8 decoding cut
 * between characters, so that the texts joined equal the lossy decoding of the file. `line` is the number (from 1) of the line its first byte is
 * in, so that a reader knows where it is after any gap; `at` is when it was stored.
 */
import * as z from 'zod/mini';
import { Instant, ProjectId, RunId } from '../ids.ts';

const chunk = {
  at: Instant,
  project: ProjectId,
  run_id: RunId,
  seq: z.int().check(z.nonnegative()),
  text: z.string(),
  offset: z.optional(z.int().check(z.nonnegative())),
  bytes: z.optional(z.int().check(z.nonnegative())),
  line: z.optional(z.int().check(z.positive())),
};

export const Chunk = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('build_log_chunk'), ...chunk }),
  z.looseObject({ kind: z.literal('gate_log_chunk'), ...chunk }),
  z.looseObject({ kind: z.literal('deploy_log_chunk'), ...chunk }),
]);
export type Chunk = z.infer<typeof Chunk>;
