/**
 * What a masker gives out: stretches of the data, and `***`. Where bytes are left out in the middle of an escape sequence a terminal would
 * look for its end in what stands there now, and show less than there is; there the sequence is cancelled.
 */
import { OpenSequence } from './open_sequence.ts';

const MASK = Buffer.from('***');
/** CAN: ends a sequence where it stands (ECMA-48, and what terminals do). */
const CANCEL = Buffer.from([0x18]);

const NOTHING = Buffer.alloc(0);

/** Takes what comes out, piece after piece. A piece is only good until it returns: most are the very memory that was pushed. */
export type Give = (piece: Buffer) => void;

export class MaskedOutput {
  readonly #sequence = new OpenSequence();
  #data: Buffer = NOTHING;
  #give: Give = () => undefined;
  /** Where in the data the last stretch ended; what lies behind it and was not given out stands in a mask. */
  #given = 0;

  /** Stretches are of `data` from now on. */
  of(data: Buffer, give: Give): void {
    this.#data = data;
    this.#give = give;
  }

  stretch(from: number, to: number): void {
    if (from >= to) return;
    if (from !== this.#given) this.#cancel();
    this.#give(this.#data.subarray(from, to));
    this.#sequence.written(this.#data, from, to);
    this.#given = to;
  }

  mask(): void {
    this.#cancel();
    this.#give(MASK);
    this.#sequence.written(MASK, 0, MASK.length);
  }

  /** The next data begins at `decided` of this. */
  next(decided: number): void {
    this.#given -= decided;
    this.#data = NOTHING;
    this.#give = () => undefined;
  }

  #cancel(): void {
    if (!this.#sequence.open) return;
    this.#give(CANCEL);
    this.#sequence.written(CANCEL, 0, CANCEL.length);
  }
}
