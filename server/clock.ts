/** Time and timers as a port, so that nothing else in the server reads the wall clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** For how long something took: milliseconds from any fixed moment, whatever the wall clock is set to meanwhile. */
  steady(): number;
  /** For an instant that is stored: calls `then` once, not before `at` (ms since the epoch), and later when the wall clock is set back. @returns its undo. */
  wakeAt(at: number, then: () => void): () => void;
  /** For a span of time: calls `then` once, after `ms`, whatever the wall clock is set to meanwhile. @returns its undo. */
  after(ms: number, then: () => void): () => void;
}

/** `setTimeout` fires at once beyond 2^31-1 ms; an hour is far below and also follows a corrected wall clock. */
const LONGEST_SLEEP_MS = 3_600_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  wakeAt(at, then) {
    let timer: NodeJS.Timeout;
    const sleep = (): void => {
      const left = at - Date.now();
      timer = left > 0 ? setTimeout(sleep, Math.min(left, LONGEST_SLEEP_MS)) : setTimeout(then, 0);
    };
    sleep();
    return () => clearTimeout(timer);
  },
  after(ms, then) {
    let timer: NodeJS.Timeout;
    const sleep = (left: number): void => {
      timer = left > LONGEST_SLEEP_MS ? setTimeout(sleep, LONGEST_SLEEP_MS, left - LONGEST_SLEEP_MS) : setTimeout(then, left);
    };
    sleep(ms);
    return () => clearTimeout(timer);
  },
};

/** The newest instant printed: under load hundreds of events share a millisecond, and printing it was a tenth of what they cost. */
let printed = { ms: Number.NaN, text: '' };

/** @param ms milliseconds since the epoch. @returns UTC ISO-8601 with milliseconds. */
export function instant(ms: number): string {
  if (ms !== printed.ms) printed = { ms, text: new Date(ms).toISOString() };
  return printed.text;
}
