/** Time as the broadcaster needs it: fractions of a millisecond, and timers that do not follow a corrected wall clock. An argument, for the tests. */
export interface Pace {
  /** Milliseconds from any fixed moment. */
  now(): number;
  /** Calls `then` after about `ms`; at 0 when everything that is ready has had its turn. */
  after(ms: number, then: () => void): void;
}

export const systemPace: Pace = {
  now: () => performance.now(),
  after(ms, then) {
    if (ms > 0) setTimeout(then, ms);
    else setImmediate(then);
  },
};
