/** When output came, and the longest time without any. A clock that was set back does not make output older than what came before it. */
export interface OutputTimes {
  first_at: number | null;
  last_at: number | null;
  longest_pause_ms: number;
}

export class OutputTimeline {
  #first: number | null = null;
  #last: number | null = null;
  /** The longest pause that output ended. */
  #longest = 0;
  readonly #began: number | null;

  /** @param began when output could first come, ms since the epoch; null when that is not known. */
  constructor(began: number | null) {
    this.#began = began;
  }

  /** When output that comes at `now` counts as stored. */
  next(now: number): number {
    return Math.max(now, this.#last ?? this.#began ?? now);
  }

  /** Output was stored. @param at_ms what `next` gave for it; NaN, which says nothing, when it is not known. */
  stored(at_ms: number): void {
    if (Number.isNaN(at_ms)) return;
    this.#longest = this.#longestAt(at_ms);
    this.#first ??= at_ms;
    this.#last = at_ms;
  }

  /** @param now the pause that goes on until then counts; null when nothing more is waited for. */
  times(now: number | null): OutputTimes {
    return {
      first_at: this.#first,
      last_at: this.#last,
      longest_pause_ms: Math.round(now === null ? this.#longest : this.#longestAt(now)),
    };
  }

  #longestAt(now: number): number {
    const since = this.#last ?? this.#began;
    return since === null ? this.#longest : Math.max(this.#longest, now - since);
  }
}
