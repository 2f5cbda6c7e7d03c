/** From drafts to a commit: numbers, identity, time, cause and actor. */
import { assertWritable, type Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Actor, IdempotencyKey } from '../../src/shared/protocol/ids.ts';
import { instant } from '../clock.ts';
import type { Draft } from '../pipeline/intent.ts';
import '../quick_schemas.ts';

export interface Stamping {
  /** seq_no of the first envelope. */
  first_seq: number;
  at_ms: number;
  /** @returns a UUIDv7 of this time. */
  idAt: (ms: number) => string;
  /** Of the intent; a draft may name another. */
  actor: Actor;
  key: IdempotencyKey | null;
}

/** The later envelopes of a commit name the first as their cause. @throws Error for what no reader could read: a defect of who decided. */
export function stamp(drafts: readonly Draft[], { first_seq, at_ms, idAt, actor, key }: Stamping): Envelope[] {
  const at = instant(at_ms);
  return drafts.map((draft, index) => {
    const envelope: Envelope = {
      seq_no: first_seq + index,
      id: idAt(at_ms),
      at,
      project: draft.project,
      actor: draft.actor ?? actor,
      ...draft.event,
    };
    // Set where there is something to set: spreading what is mostly empty costs as much as the rest of the stamp.
    if (index > 0) envelope.cause = first_seq;
    if (key !== null) envelope.key = key;
    assertWritable(envelope);
    return envelope;
  });
}
