import type { Clock } from '../clock.ts';

/** @returns what `work` resolves to, or `late` after `ms`; then the work goes on unheard. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | 'late'> {
  let cancel = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    cancel = clock.after(ms, () => resolve('late'));
  });
  return Promise.race([work, late]).finally(() => cancel());
}
