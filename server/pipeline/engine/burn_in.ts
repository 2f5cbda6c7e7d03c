/** A burn-in is a stored deadline: a restart goes on waiting for the same instant. */
import type { Effect } from '../pending.ts';
import type { Fact } from '../intent.ts';
import type { EngineDeps } from './ports.ts';

export function burnIn(effect: Extract<Effect, { type: 'burn_in' }>, { clock }: EngineDeps, signal: AbortSignal): Promise<Fact[]> {
  return new Promise((resolve) => {
    const undo = clock.wakeAt(Date.parse(effect.until), () =>
      resolve([{ fact: 'burn_in_elapsed', project: effect.project, run_id: effect.run_id }]),
    );
    signal.addEventListener('abort', () => (undo(), resolve([])), { once: true });
  });
}
