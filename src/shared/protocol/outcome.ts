/**
 * How a run ended, and why. Success is never inferred from the absence of failure: only `status: 'passed'` passes.
 * Classifications, blockers and failures are open unions: a variant this version does not know is kept verbatim and shown generically.
 */
import * as z from 'zod/mini';
import { Actor, Instant } from './ids.ts';

export const Suspect = z.enum(['commit', 'machine', 'unknown']);
export type Suspect = z.infer<typeof Suspect>;

const suspect = z.optional(Suspect);
const KnownClassification = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('tests_failed'), failed: z.int(), passed: z.int(), names: z.array(z.string()), suspect }),
  z.looseObject({ type: z.literal('exit_code'), code: z.int(), suspect }),
  z.looseObject({ type: z.literal('signal'), name: z.string(), suspect }),
  z.looseObject({ type: z.literal('timeout'), after_s: z.number(), suspect }),
  z.looseObject({ type: z.literal('spawn'), message: z.string(), suspect }),
  z.looseObject({ type: z.literal('http'), url: z.string(), message: z.string(), suspect }),
  z.looseObject({ type: z.literal('artifact'), message: z.string(), suspect }),
  z.looseObject({ type: z.literal('rejected'), by: Actor, comment: z.optional(z.string()), suspect }),
  z.looseObject({ type: z.literal('interrupted'), suspect }),
]);
const OtherVariant = z.looseObject({ type: z.string(), suspect });
export const Classification = z.union([KnownClassification, OtherVariant]);
export type KnownClassification = z.infer<typeof KnownClassification>;
export type Classification = z.infer<typeof Classification>;

const KnownBlocker = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('awaiting_confirm'), have: z.int(), need: z.int() }),
  z.looseObject({ type: z.literal('burn_in'), until: Instant }),
  z.looseObject({ type: z.literal('frozen'), reason: z.string() }),
]);
export const Blocker = z.union([KnownBlocker, z.looseObject({ type: z.string() })]);
export type Blocker = z.infer<typeof Blocker>;

/** Present exactly when a log exists: where it is, its size in bytes and the SHA-256 of its bytes in hex. */
const log = { log_ref: z.optional(z.string()), bytes: z.optional(z.int().check(z.nonnegative())), sha256: z.optional(z.string()) };

const Passed = z.looseObject({
  status: z.literal('passed'),
  ...log,
  elapsed_s: z.optional(z.number()),
  tests: z.optional(z.looseObject({ passed: z.int(), failed: z.int() })),
  /** Set when a person let it pass without running it: a hotfix over a burn-in. */
  skipped: z.optional(z.looseObject({ by: Actor, reason: z.optional(z.string()) })),
});
const Failed = z.looseObject({
  status: z.literal('failed'),
  ...log,
  elapsed_s: z.optional(z.number()),
  classification: Classification,
  /** The lines that say why, at most a few. */
  excerpt: z.optional(z.array(z.string())),
});
const Blocked = z.looseObject({ status: z.literal('blocked'), blockers: z.array(Blocker) });

export const Outcome = z.discriminatedUnion('status', [Passed, Failed, Blocked]);
export type Outcome = z.infer<typeof Outcome>;

/** What stopped a deploy; `type` is one of `unreachable, transfer, activate, health_check, timeout, command, interrupted, fenced` or another. */
export const DeployFailure = z.looseObject({
  type: z.string(),
  message: z.optional(z.string()),
  expected: z.optional(z.string()),
  got: z.optional(z.string()),
});
export type DeployFailure = z.infer<typeof DeployFailure>;
