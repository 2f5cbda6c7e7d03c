/** The envelope: an event with its stamp, flat, the same on the wire and in the log. */
import * as z from 'zod/mini';
import { eventShapes, KINDS, type Event, type EventOf, type Kind } from './events/event.ts';
import { Actor, IdempotencyKey, Instant, ProjectId, SeqNo } from './ids.ts';

/** The project of an envelope that concerns the whole server. */
export const WHOLE_SERVER = '*';

const stampShape = {
  seq_no: SeqNo,
  /** UUIDv7. */
  id: z.string(),
  at: Instant,
  project: z.union([ProjectId, z.literal(WHOLE_SERVER)]),
  actor: z.optional(Actor),
  /** The seq_no that led here. */
  cause: z.optional(SeqNo),
  /** The idempotency key of the command, so that the screen that clicked knows its own event. */
  key: z.optional(IdempotencyKey),
} as const;

export const Stamp = z.object(stampShape);
export type Stamp = z.infer<typeof Stamp>;

export type EnvelopeOf<K extends Kind> = Stamp & EventOf<K>;
/** An envelope of a kind this version knows. */
export type KnownEnvelope = Stamp & Event;
/** An envelope of a kind from a later version: kept and shown generically. */
export type UnknownEnvelope = Stamp & { kind: string; [field: string]: unknown };
export type Envelope = KnownEnvelope | UnknownEnvelope;

type Reader = z.ZodMiniType<Stamp & { kind: string }>;
const readers = new Map<string, Reader>(
  KINDS.map((kind) => [kind, z.looseObject({ kind: z.literal(kind), ...stampShape, ...eventShapes[kind] }) as unknown as Reader]),
);
const writers = new Map<string, Reader>(
  KINDS.map((kind) => [kind, z.strictObject({ kind: z.literal(kind), ...stampShape, ...eventShapes[kind] }) as unknown as Reader]),
);
const AnyKind = z.looseObject({ kind: z.string().check(z.minLength(1)), ...stampShape });

/** Reads one envelope; unknown kinds and unknown fields are kept. @throws ZodError when the stamp or a known kind's fields do not fit. */
export function readEnvelope(value: unknown): Envelope {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
  return (readers.get(kind) ?? AnyKind).parse(value);
}

/** Checks an envelope before it is stored: known kind, no field but its own. @throws ZodError otherwise; that is a defect, not bad input. */
export function assertWritable(envelope: Envelope): void {
  const writer = writers.get(envelope.kind);
  if (writer === undefined) throw new Error(`no schema for event kind ${envelope.kind}`);
  writer.parse(envelope);
}

/** Narrows to the known kinds, for a switch that ends in `never`. */
export function isKnown(envelope: Envelope): envelope is KnownEnvelope {
  return readers.has(envelope.kind);
}
