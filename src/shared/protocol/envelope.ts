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

type Schema = z.ZodMiniType<Stamp & { kind: string }>;
/** Gives a schema that accepts and says the same, but quicker. */
export type Quicken = <T extends z.ZodMiniType>(schema: T) => T;
let quicken: Quicken = (schema) => schema;

/** A schema for each kind, made quick when it is first needed: a program that starts needs few of them. */
class Schemas {
  readonly #plain: ReadonlyMap<string, Schema>;
  readonly #quick = new Map<string, Schema>();

  constructor(make: (kind: Kind) => z.ZodMiniType) {
    this.#plain = new Map(KINDS.map((kind) => [kind, make(kind) as unknown as Schema]));
  }

  has(kind: string): boolean {
    return this.#plain.has(kind);
  }

  get(kind: string): Schema | undefined {
    const quick = this.#quick.get(kind);
    if (quick !== undefined) return quick;
    const plain = this.#plain.get(kind);
    if (plain === undefined) return undefined;
    const made = quicken(plain);
    this.#quick.set(kind, made);
    return made;
  }

  forget(): void {
    this.#quick.clear();
  }
}

const readers = new Schemas((kind) => z.looseObject({ kind: z.literal(kind), ...stampShape, ...eventShapes[kind] }));
const writers = new Schemas((kind) => z.strictObject({ kind: z.literal(kind), ...stampShape, ...eventShapes[kind] }));
const AnyKind = z.looseObject({ kind: z.string().check(z.minLength(1)), ...stampShape });

/** For a program that may generate code; a page may not, by its content security policy, and checks a thousandth as much. */
export function quickenEnvelopes(by: Quicken): void {
  quicken = by;
  readers.forget();
  writers.forget();
}

/** Reads one envelope; unknown kinds and unknown fields are kept. @throws ZodError when the stamp or a known kind's fields do not fit. */
export function readEnvelope(value: unknown): Envelope {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
  return (readers.get(kind) ?? AnyKind).parse(value);
}

/** Checks an envelope before it is stored: known kind, no field but its own. @throws ZodError otherwise; that is a defect, not bad input. */
export function assertWritable(envelope: Envelope): void {
  const writer = writers.get(envelope.kind);
  if (writer === undefined) throw new Error(`no schema for event kind ${envelope.kind}`);
  // Only looked at, not built anew; whoever does not fit is parsed for the reason.
  if (!z.validate(writer, envelope)) writer.parse(envelope);
}

/** Narrows to the known kinds, for a switch that ends in `never`. */
export function isKnown(envelope: Envelope): envelope is KnownEnvelope {
  return readers.has(envelope.kind);
}
