/** Numbers of matching lines, ascending, in memory that grows with them: 4 bytes a line. */

const FIRST_ROOM = 256;

export class HitLines {
  #lines = new Uint32Array(FIRST_ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(more: Uint32Array): void {
    if (this.#length + more.length > this.#lines.length) {
      const roomier = new Uint32Array(Math.max(2 * this.#lines.length, this.#length + more.length));
      roomier.set(this.#lines.subarray(0, this.#length));
      this.#lines = roomier;
    }
    this.#lines.set(more, this.#length);
    this.#length += more.length;
  }

  /** @param k from 0. */
  at(k: number): number {
    return this.#lines[k] ?? 0;
  }

  /** The first of them that is line `n` or later; their number when there is none. */
  firstFrom(n: number): number {
    let low = 0;
    for (let high = this.#length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) >= n) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
