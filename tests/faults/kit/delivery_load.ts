/** Facts recorded at a steady rate, in commits of one to four. */
import type { DeliveryHouse } from './delivery_house.ts';
import { told } from './delivery_house.ts';

const TICK_MS = 5;
const COMMIT_MOST_EVENTS = 4;

export class Load {
  readonly #house: DeliveryHouse;
  readonly #rate: number;
  readonly #count: number;
  readonly #began = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #failed: unknown[] = [];
  #waiting = 0;
  #events = 0;
  #over_ms: number | null = null;

  /** seq_no of its last event. */
  readonly last: number;

  /** @param rate events per second. @param count of events in all. */
  constructor(house: DeliveryHouse, rate: number, count: number) {
    this.#house = house;
    this.#count = count;
    this.last = house.head + count;
    this.#rate = rate;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resolves when all is stored. @returns events per second reached. @throws the first failure of the recorder. */
  async over(): Promise<number> {
    while (this.#events < this.#count || this.#waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    if (this.#failed.length > 0) throw this.#failed[0];
    return (this.#events / ((this.#over_ms ?? this.#began) - this.#began)) * 1000;
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const due = Math.min(((performance.now() - this.#began) / 1000) * this.#rate, this.#count);
    while (this.#events < due) {
      const count = Math.min(1 + (this.#events % COMMIT_MOST_EVENTS), this.#count - this.#events);
      const events = Array.from({ length: count }, (_, i) => told(this.#events + i));
      this.#events += count;
      this.#waiting++;
      this.#house
        .record(...events)
        .catch((error: unknown) => this.#failed.push(error))
        .finally(() => {
          this.#waiting--;
          this.#over_ms = performance.now();
        });
    }
    if (this.#events >= this.#count) this.stop();
  }
}
