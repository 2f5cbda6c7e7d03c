/**
 * The newest `capacity` events, each at its position. Positions are integers that only grow; the slot is the position modulo the
 * capacity, so that an old event is dropped by being overwritten and a reader who fell behind can count exactly what it missed.
 */
export class Ring<E> {
  readonly capacity: number;
  readonly #slots: E[] = [];
  readonly #first: number;
  #next: number;

  /**
   * @param capacity a power of two.
   * @param first position of the first event.
   */
  constructor(capacity: number, first = 0) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 2 ** 30 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`the capacity of a ring is a power of two, not ${capacity}`);
    }
    this.capacity = capacity;
    this.#first = first;
    this.#next = first;
  }

  /** Position that the next event will get. */
  get next(): number {
    return this.#next;
  }

  /** Position of the oldest retained event; equals `next` when there is none. */
  get oldest(): number {
    return Math.max(this.#first, this.#next - this.capacity);
  }

  push(event: E): void {
    this.#slots[this.#slot(this.#next)] = event;
    this.#next += 1;
  }

  /** @param position from `oldest` to before `next`. */
  at(position: number): E {
    if (position < this.oldest || position >= this.#next) throw new RangeError(`position ${position} is not in the ring`);
    // The check above proves that the slot was written; E may itself include undefined, so undefined proves nothing.
    return this.#slots[this.#slot(position)] as E;
  }

  /** `&` works modulo 2^32, of which every allowed capacity is a divisor: right for all safe integers. */
  #slot(position: number): number {
    return position & (this.capacity - 1);
  }
}
