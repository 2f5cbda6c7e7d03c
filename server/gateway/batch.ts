/** Consecutive events as the frames that tell of them, each printed at most once and only when somebody wants it. */
import { encodeEvents } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { RunId } from '../../src/shared/protocol/ids.ts';
import { textOf } from './envelope_texts.ts';
import { BATCH_CHARS, BATCH_EVENTS } from './limits.ts';
import { endedRun } from './run_ends.ts';
import { textFrame, textFrames } from './wire.ts';

/** How a viewer is told: a batch as one frame of `signalbox.v1`, or each envelope as a frame of its own. */
export type Voice = 'live' | 'plain';

const NONE: readonly RunId[] = [];

export class Batch {
  readonly items: readonly Envelope[];
  readonly after: number;
  readonly upto: number;
  /** Runs that end in it. */
  readonly ends: readonly RunId[];
  #live: Buffer | null = null;
  #plain: Buffer | null = null;

  /** @param items at least one, without a hole. */
  constructor(items: readonly [Envelope, ...Envelope[]]) {
    this.items = items;
    this.after = items[0].seq_no - 1;
    this.upto = this.after + items.length;
    const ends = items.map(endedRun).filter((run_id) => run_id !== null);
    this.ends = ends.length === 0 ? NONE : ends;
  }

  /** Whole frames as they go on the wire, for one write. */
  frames(voice: Voice): Buffer {
    if (voice === 'live') return (this.#live ??= textFrame(encodeEvents(this.after, this.upto, this.items.map(textOf))));
    return (this.#plain ??= textFrames(this.items.map(textOf)));
  }

  /** The events after `seq_no`, which is in the batch and not its last. */
  since(seq_no: number): Batch {
    const [first, ...rest] = this.items.slice(seq_no - this.after);
    if (first === undefined) throw new RangeError(`there is nothing after ${seq_no} in a batch up to ${this.upto}`);
    return new Batch([first, ...rest]);
  }
}

/** Batches of bounded length; a new one also begins where the numbers do not go on. What is numbered below what came before is left out. */
export function batchesOf(items: readonly Envelope[]): Batch[] {
  const batches: Batch[] = [];
  let batch: [Envelope, ...Envelope[]] | null = null;
  let chars = 0;
  let upto = 0;
  for (const envelope of items) {
    if (envelope.seq_no <= upto) continue;
    const { length } = textOf(envelope);
    if (batch !== null && batch.length < BATCH_EVENTS && chars + length <= BATCH_CHARS && envelope.seq_no === upto + 1)
      batch.push(envelope);
    else {
      if (batch !== null) batches.push(new Batch(batch));
      batch = [envelope];
      chars = 0;
    }
    chars += length;
    upto = envelope.seq_no;
  }
  if (batch !== null) batches.push(new Batch(batch));
  return batches;
}
