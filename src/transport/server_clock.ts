/**
 * The server's time as this page sees it, and how old a frame is when it arrives. Each `now` of the server gives a sample (server time
 * minus local time); the largest of the last minute is the one that was on the way the shortest, and half the round trip of the resume is added
 * to it. Local time is a monotonic clock: a wall clock that is set would look like a slow network.
 */

/** One a ping: a minute of samples, so that clock drift and an hour's sleep wear off. */
const SAMPLES_KEPT = 12;

export class ServerClock {
  #samples: number[] = [];
  #one_way_ms = 0;

  /** @param server_ms the server's `now`. @param local_ms when it arrived. */
  sample(server_ms: number, local_ms: number): void {
    this.#samples.push(server_ms - local_ms);
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
  }

  /** @param ms between a question and its answer on the present link. */
  roundTrip(ms: number): void {
    this.#one_way_ms = Math.max(0, ms / 2);
  }

  /** Ms to add to local time; null before the first sample. */
  get offset_ms(): number | null {
    return this.#samples.length === 0 ? null : Math.max(...this.#samples) + this.#one_way_ms;
  }

  /** Age of the newest frame when it arrived, in whole ms; null before the first. */
  get latency_ms(): number | null {
    const last = this.#samples.at(-1);
    const offset = this.offset_ms;
    return last === undefined || offset === null ? null : Math.round(offset - last);
  }
}
