/** Where what is left standing of a line begins and ends (`standing`), found piece by piece however long the line is and wherever it is cut. */
import { joinedBytes } from './joined_bytes.ts';
import { BRACKET, ESC } from './sequence.ts';
import { startOverEnd } from './strip_bytes.ts';

const CR = 0x0d;

export class StandingScan {
  /** Offset at which what stands begins. */
  from: number;
  /** Of what is looked at next. */
  #at: number;
  /** What may yet become what starts a line over. */
  #held: Uint8Array = new Uint8Array(0);
  /** Where the last began, and where it ended, that started the line over and that nothing has followed yet. */
  #over: { from: number; to: number } | null = null;

  /** @param offset of the line. */
  constructor(offset: number) {
    this.from = this.#at = offset;
  }

  /** @param bytes of the line, without its line feed. */
  add(bytes: Uint8Array): void {
    const data = joinedBytes(this.#held, bytes);
    // A copy, which `slice` of a Buffer is not.
    this.#held = Uint8Array.from(data.subarray(this.#take(data)));
    this.#at += data.length - this.#held.length;
  }

  /** @returns the offset at which what stands ends, of a line that goes no further. */
  end(): number {
    if (this.#held.length > 0) this.#something();
    this.#at += this.#held.length;
    this.#held = new Uint8Array(0);
    return this.#over?.from ?? this.#at;
  }

  /** @returns how much of it is known. */
  #take(data: Uint8Array): number {
    let [returned, escape] = [data.indexOf(CR), data.indexOf(ESC)];
    for (let at = 0; at < data.length;) {
      if (returned !== -1 && returned < at) returned = data.indexOf(CR, at);
      if (escape !== -1 && escape < at) escape = data.indexOf(ESC, at);
      const next = returned === -1 || (escape !== -1 && escape < returned) ? escape : returned;
      if (next !== at) this.#something();
      if (next === -1) break;
      const end = startOverEnd(data, next);
      if (end > next) this.#over = { from: this.#over?.from ?? this.#at + next, to: this.#at + end };
      else if (isUnfinished(data, next)) return next;
      else this.#something();
      at = Math.max(end, next + 1);
    }
    return data.length;
  }

  #something(): void {
    if (this.#over !== null) this.from = this.#over.to;
    this.#over = null;
  }
}

/** The data ends in the midst of what may be the cursor's move to the first column. */
function isUnfinished(data: Uint8Array, escape: number): boolean {
  const left = data.length - escape;
  if (left > 3 || (left > 1 && data[escape + 1] !== BRACKET)) return false;
  return left < 3 || data[escape + 2] === 0x30 || data[escape + 2] === 0x31;
}
