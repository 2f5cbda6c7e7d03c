/** How a run goes compared with how it usually goes. Null where nothing is to be said: without history no word, and no alarm over moments. */
import type { PaceAnswer } from '../protocol/run_log.ts';
import { duration, left, roughly } from './time.ts';

/** A step that usually takes 200 ms is not slow after 300. */
const SLOW_LEAST_S = 10;
/** Shorter silence is none that a person would notice. */
const QUIET_LEAST_S = 30;
/** Silence of up to so many times the usual is as usual. */
const QUIET_TIMES = 2;

export type Pace = Pick<PaceAnswer, 'usual' | 'pause'>;

/** `longer than usual: 2 min 10 s, usually 40 s`: when it takes longer than nine in ten. */
export function longerThanUsual(elapsed_s: number, { usual }: Pick<Pace, 'usual'>): string | null {
  if (usual === null || elapsed_s <= usual.p90_s || elapsed_s - usual.p50_s < SLOW_LEAST_S) return null;
  return `longer than usual: ${duration(elapsed_s)}, usually ${duration(usual.p50_s)}`;
}

/** `About 2 min left.`: while it is within its usual time. @param elapsed_s below 0 when the clock was set back since it began. */
export function aboutLeft(elapsed_s: number, { usual }: Pick<Pace, 'usual'>): string | null {
  if (usual === null || elapsed_s >= usual.p50_s) return null;
  return `About ${left(usual.p50_s - Math.max(0, elapsed_s))}.`;
}

/** `No output for 6 min, usual pause 40 s.`, `No output for 6 min.` without history. @param silent_s since the last output, or the start. */
export function noOutputFor(silent_s: number, { pause }: Pick<Pace, 'pause'>): string | null {
  if (silent_s < QUIET_LEAST_S || silent_s < QUIET_TIMES * (pause?.usual_s ?? 0)) return null;
  return `No output for ${roughly(silent_s)}${pause === null ? '' : `, usual pause ${duration(pause.usual_s)}`}.`;
}
