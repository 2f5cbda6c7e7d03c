/**
 * Names that come from outside, as branded types. The pattern is the whole defence of everything downstream: these strings become
 * folder names, environment values and argv operands, so none may begin with a dash or a dot, or hold a slash, space or control character.
 */
import * as z from 'zod/mini';

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/i;

/** Names become keys of plain objects in the state; there `constructor` would always seem to be set. */
const name = (what: string) =>
  z.string().check(
    z.regex(NAME, `${what} is letters, digits, - and _, at most 63`),
    z.refine((id) => !(id in Object.prototype), `${what} cannot be a word that JavaScript keeps for itself`),
  );

export const ProjectId = name('a project id').brand<'ProjectId'>();
export type ProjectId = z.infer<typeof ProjectId>;

export const TierId = name('a tier id').brand<'TierId'>();
export type TierId = z.infer<typeof TierId>;

export const NodeId = name('a node id').brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

export const GateId = name('a gate id').brand<'GateId'>();
export type GateId = z.infer<typeof GateId>;

/** A full git object name: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
export const Sha = z
  .string()
  .check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a sha is 40 or 64 lower-case hex digits'))
  .brand<'Sha'>();
export type Sha = z.infer<typeof Sha>;

/** A semver version, e.g. `1.4.0+g3f2a91c`. */
export const Version = z
  .string()
  .check(z.maxLength(128), z.regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/, 'a version is semver, e.g. 1.4.0+g3f2a91c'))
  .brand<'Version'>();
export type Version = z.infer<typeof Version>;

/** Server-wide, allocated by the recorder, never used twice. */
export const RunId = z.int().check(z.positive());
export type RunId = z.infer<typeof RunId>;

/** Position in the event log; the first is 1. */
export const SeqNo = z.int().check(z.positive());
export type SeqNo = z.infer<typeof SeqNo>;

/** UTC, milliseconds, e.g. `2026-11-14T02:03:11.004Z`. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;

/** Who did it: `user:ana`, `token:ci`, `local:ana`, `hook:ben`, `system:pipeline`. */
export const Actor = z
  .string()
  .check(z.maxLength(200), z.regex(/^(?:user|token|local|hook|system):[^\p{Cc}]+$/u, 'an actor is kind:name, e.g. local:ana'));
export type Actor = z.infer<typeof Actor>;
export const SYSTEM_ACTOR: Actor = 'system:pipeline';

export const IdempotencyKey = z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/, 'an idempotency key is 1 to 128 printable characters'));
export type IdempotencyKey = z.infer<typeof IdempotencyKey>;
