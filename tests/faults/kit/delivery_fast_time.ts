/**
 * Makes this process live faster: timers fire sooner and clocks run ahead by the same factor, so that ten seconds of silence can be waited for
 * often. Everything in the process keeps its proportions; only the processor and the network stay as they are. For a case in a process of its own.
 */

/** Call before anything has read a clock. */
export function liveFaster(factor: number): void {
  const [now, monotonic] = [Date.now.bind(Date), performance.now.bind(performance)];
  const [began, started] = [now(), monotonic()];
  Date.now = () => Math.round(began + (now() - began) * factor);
  performance.now = () => started + (monotonic() - started) * factor;
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const real = globalThis[name] as (then: () => void, ms?: number) => NodeJS.Timeout;
    Object.assign(globalThis, { [name]: (then: () => void, ms = 0) => real(then, ms / factor) });
  }
}
