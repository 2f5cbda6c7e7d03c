/** The time the reader is at. */
import type { Run } from '../../shared/fold/state.ts';
import { secondsBetween, stopwatch, timeOfDay } from '../../shared/words/time.ts';
import { runName } from '../run/run_name.ts';

/** `02:05:07`, and `1:12 into unit_tests, run 42`, '' while that run is not known. @param at ms since the epoch. */
export function cursorWords(at: number, run: Run | undefined): { absolute: string; into: string } {
  if (run === undefined) return { absolute: timeOfDay(at), into: '' };
  return { absolute: timeOfDay(at), into: `${stopwatch(secondsBetween(run.started_at, at))} into ${runName(run)}, run ${run.run_id}` };
}
