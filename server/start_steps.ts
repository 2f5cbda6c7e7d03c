/** How the steps of a start wait for each other, and how they are taken back. */

/** @returns when `work` has ended, or after `ms`, whichever is first; then the work goes on. It must not reject. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** @throws `signal.reason` as soon as it is aborted, whatever the work does then. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Does all of it in order; a step that fails is reported and keeps none of the others from being done. */
export async function takeDown(undo: readonly (() => unknown)[], report: (message: string, detail?: unknown) => void): Promise<void> {
  for (const step of undo) {
    try {
      await step();
    } catch (error) {
      report('a part of the server could not be closed', error);
    }
  }
}
