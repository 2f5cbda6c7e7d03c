/** The frames of subprotocol `signalbox.v1`, both ways, and the extra frames of the plain stream. */
import * as z from 'zod/mini';
import { readEnvelope, type Envelope } from './envelope.ts';
import { Chunk } from './events/chunk.ts';
import { Actor, Instant, RunId } from './ids.ts';

export const SUBPROTOCOL = 'signalbox.v1';

const position = z.int().check(z.nonnegative());
const EnvelopeItem = z.pipe(
  z.unknown(),
  z.transform((value): Envelope => readEnvelope(value)),
);

const HelloFrame = z.looseObject({
  type: z.literal('hello'),
  boot_id: z.string(),
  epoch: z.string(),
  head: position,
  floor: position,
  capacity: z.int(),
  server_version: z.string(),
  protocol: z.int(),
  fold_version: z.int(),
  actor: z.nullable(Actor),
  now: Instant,
});
/** One part of a snapshot: the texts of parts 1..of joined are the JSON of the state at `seq_no`. */
const SnapshotFrame = z.looseObject({
  type: z.literal('snapshot'),
  epoch: z.string(),
  seq_no: position,
  part: z.int().check(z.positive()),
  of: z.int().check(z.positive()),
  text: z.string(),
});
/** The catch-up is over: all up to `upto` has been sent. `recovered` says that nothing was missed since the position asked for. */
const ReplayedFrame = z.looseObject({ type: z.literal('replayed'), upto: position, recovered: z.boolean() });
/** Continuity: `after` equals the `upto` before it. */
const EventsFrame = z.looseObject({ type: z.literal('events'), after: position, upto: position, items: z.array(EnvelopeItem) });
/** `viewers` are connected now: a page that loses its link spreads its return over a time that grows with them. */
const PingFrame = z.looseObject({ type: z.literal('ping'), head: position, now: Instant, viewers: z.optional(position) });
const ChunkFrame = z.looseObject({ type: z.literal('chunk'), chunk: Chunk });
/** Bytes [from, to) of this run's log were not sent; they are in the file. */
const LogGapFrame = z.looseObject({ type: z.literal('log_gap'), run_id: RunId, from: position, to: position });
/** The log is closed and all its bytes were sent. */
const LogEndFrame = z.looseObject({ type: z.literal('log_end'), run_id: RunId, bytes: position });
const LaggedFrame = z.looseObject({ type: z.literal('lagged'), at: Instant, skipped: z.int().check(z.positive()) });
const ErrorFrame = z.looseObject({ type: z.literal('error'), code: z.string(), message: z.string(), run_id: z.optional(RunId) });

export const FrameDown = z.discriminatedUnion('type', [
  HelloFrame,
  SnapshotFrame,
  ReplayedFrame,
  EventsFrame,
  PingFrame,
  ChunkFrame,
  LogGapFrame,
  LogEndFrame,
  LaggedFrame,
  ErrorFrame,
]);
export type FrameDown = z.infer<typeof FrameDown>;
export type FrameDownOf<T extends FrameDown['type']> = Extract<FrameDown, { type: T }>;

export const FrameUp = z.discriminatedUnion('type', [
  /**
   * Nulls mean fresh. `id` is the envelope's at `after`: another id there is another history. Said again on the same connection by a reader
   * that found a hole in what it was sent: the server counts it and begins anew from there.
   */
  z.strictObject({ type: z.literal('resume'), epoch: z.nullable(z.string()), after: z.nullable(position), id: z.nullable(z.string()) }),
  z.strictObject({ type: z.literal('watch'), run_id: RunId, offset: position }),
  z.strictObject({ type: z.literal('unwatch'), run_id: RunId }),
  z.strictObject({ type: z.literal('pong') }),
]);
export type FrameUp = z.infer<typeof FrameUp>;

/** Sent on the plain stream in place of what a slow reader missed. */
export type PlainLagged = { kind: 'lagged'; at: Instant; skipped: number };
export type PlainLogGap = { kind: 'log_gap'; at: Instant; run_id: RunId; from: number; to: number };
