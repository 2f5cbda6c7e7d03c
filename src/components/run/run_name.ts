/** What a run is called, and what is said of one that is stuck: the words of a run that the panel needs, too. */
import type { Run } from '../../shared/fold/state.ts';
import type { Reason } from '../../shared/words/reason.ts';

/** `unit_tests`, `build`, `deploy to prod-1`. */
export function runName(run: Pick<Run, 'type' | 'gate' | 'node'>): string {
  if (run.type === 'build') return 'build';
  if (run.type === 'gate') return run.gate ?? 'gate';
  return `deploy${run.node === null ? '' : ` to ${run.node}`}`;
}

/** @param why as the server said it. */
export function stuckReason(why: string): Reason {
  return { headline: 'Its end cannot be recorded.', suspect: `${why} It is tried again by itself; cancel the run to go on without it.` };
}
