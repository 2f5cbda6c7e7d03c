/** From drafts to a commit: numbers, identity, time, cause and actor. */
import { assertWritable, type Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Actor, IdempotencyKey } from '../../src/shared/protocol/ids.ts';
import { instant } from '../clock.ts';
import type { Draft } from '../pipeline/intent.ts';
import { uuidv7, type RandomBytes } from '../uuid.ts';

export interface Stamping {
  /** seq_no of the first envelope. */
  first_seq: number;
  at_ms: number;
  random: RandomBytes;
  /** Of the intent; a draft may name another. */
  actor: Actor;
  key: IdempotencyKey | null;
}

/** The later envelopes of a commit name the first as their cause. @throws Error for what no reader could read: a defect of who decided. */
export function stamp(drafts: readonly Draft[], { first_seq, at_ms, random, actor, key }: Stamping): Envelope[] {
  return drafts.map((draft, index) => {
    const envelope: Envelope = {
      seq_no: first_seq + index,
      id: uuidv7(at_ms, random),
      at: instant(at_ms),
      project: draft.project,
      actor: draft.actor ?? actor,
      ...(index === 0 ? {} : { cause: first_seq }),
      ...(key === null ? {} : { key }),
      ...draft.event,
    };
    assertWritable(envelope);
    return envelope;
  });
}
