/** From the push to the release. The four `build_*` kinds and `rebuild_requested` are taken over exactly; optional fields are ours. */
import * as z from 'zod/mini';
import { RunId, Sha, Version } from '../ids.ts';
import { Classification } from '../outcome.ts';

const log = { log_ref: z.optional(z.string()), bytes: z.optional(z.int().check(z.nonnegative())), sha256: z.optional(z.string()) };

export const buildEvents = {
  rebuild_requested: {
    sha: Sha,
    declared: z.optional(z.string()),
    subject: z.optional(z.string()),
    author: z.optional(z.string()),
    reason: z.optional(z.string()),
  },
  /** `attempt` above 1: a restart of the server interrupted the one before; the version stays. */
  build_start: { sha: Sha, version: Version, run_id: z.optional(RunId), attempt: z.optional(z.int().check(z.positive())) },
  build_aborted: {
    sha_aborted: Sha,
    version: z.optional(Version),
    run_id: z.optional(RunId),
    reason: z.optional(z.string()),
    comment: z.optional(z.string()),
  },
  build_ok: { sha: Sha, version: Version, elapsed_s: z.number(), run_id: z.optional(RunId), ...log },
  build_failed: {
    sha: Sha,
    version: Version,
    elapsed_s: z.number(),
    run_id: z.optional(RunId),
    failure: z.optional(Classification),
    excerpt: z.optional(z.array(z.string())),
    ...log,
  },
} as const;
