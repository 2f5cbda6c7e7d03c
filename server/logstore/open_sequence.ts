/**
 * Whether what was written ends inside of an escape sequence: a terminal takes what comes next for the rest of it. Told from the last bytes of
 * each piece; of any length, as a terminal reads it. In the text of a title or a link (OSC and the other strings) nothing ends with a letter, and a
 * mask may stand.
 */
import { BRACKET, ESC } from './escape_kernels.ts';

type State = 'text' | 'escape' | 'intermediates' | 'parameters';

export class OpenSequence {
  #state: State = 'text';

  get open(): boolean {
    return this.#state !== 'text';
  }

  /** `data` from `from` to `to` was written. */
  written(data: Buffer, from: number, to: number): void {
    let at = to;
    while (at > from && isInside(data[at - 1])) at--;
    const inside = to - at;
    if (at === from) {
      if (inside > 0 && this.#state !== 'parameters') this.#state = this.open && areIntermediates(data, at, to) ? 'intermediates' : 'text';
      return;
    }
    const before = data[at - 1];
    const introduced = at - 1 > from ? data[at - 2] === ESC : this.#state === 'escape';
    if (before === ESC) this.#state = inside === 0 ? 'escape' : areIntermediates(data, at, to) ? 'intermediates' : 'text';
    else this.#state = before === BRACKET && introduced ? 'parameters' : 'text';
  }
}

/** Of parameters or intermediates: no such byte begins or ends a sequence that has its bracket. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte <= 0x3f;
}

function areIntermediates(data: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((data[at] ?? 0) > 0x2f) return false;
  return true;
}
