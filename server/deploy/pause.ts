import type { Clock } from '../clock.ts';

/** Waits by the clock. Rejects with `signal.reason` when aborted, also when it was before the call. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve) => {
    const done = (): void => {
      undo();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const undo = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
  signal.throwIfAborted();
}
