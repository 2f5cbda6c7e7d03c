/** What the head of a run says of the time it takes, and its log of the silence in it. */
import type { Run } from '../../shared/fold/state.ts';
import { aboutLeft, longerThanUsual, noOutputFor, type Pace } from '../../shared/words/pace.ts';
import { duration, secondsBetween } from '../../shared/words/time.ts';
import type { Progress } from '../panel/station_model.ts';

/** `Usually 2 min 40 s. About 2 min left.`, `Longer than usual: 2 min 10 s, usually 40 s.`; '' without history. @param now server-corrected ms. */
export function paceWords(run: Run, pace: Pace, now: number): string {
  if (pace.usual === null) return '';
  const usually = `Usually ${duration(pace.usual.p50_s)}.`;
  if (run.status !== 'running') return usually;
  const elapsed_s = secondsBetween(run.started_at, now);
  const longer = longerThanUsual(elapsed_s, pace);
  if (longer !== null) return `${longer.charAt(0).toUpperCase()}${longer.slice(1)}.`;
  const rest = aboutLeft(elapsed_s, pace);
  return rest === null ? usually : `${usually} ${rest}`;
}

/** For the bar; null when it does not run, or nobody knows how long it takes. */
export function paceProgress(run: Run, { usual }: Pace, now: number): Progress | null {
  if (usual === null || run.status !== 'running') return null;
  return { elapsed_s: secondsBetween(run.started_at, now), usual: { p50: usual.p50_s, p90: usual.p90_s } };
}

/** `No output for 6 min, usual pause 40 s.`; '' when there is output, none is due, or there was none at all. @param last_at ms since the epoch. */
export function quietWords(run: Run, last_at: number | null, pace: Pace, now: number): string {
  if (run.status !== 'running' || last_at === null) return '';
  return noOutputFor((now - last_at) / 1000, pace) ?? '';
}
