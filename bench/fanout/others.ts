/** What else the machine did meanwhile: a round that others had a part in says little of any side. */
import { cpus } from 'node:os';

/** Of the machine's processor time. The system's own upkeep stays below. */
export const OTHERS_MOST = 0.08;

/** @returns what ends the watch; given our own processor time meanwhile, microseconds, that tells the share of the machine's that was somebody else's. */
export function watchOthers(): () => (own_us: number) => number {
  const before = spent();
  return () => {
    const after = spent();
    return (own_us) => Math.max(0, (after.busy_ms - before.busy_ms - own_us / 1_000) / (after.all_ms - before.all_ms));
  };
}

function spent(): { busy_ms: number; all_ms: number } {
  const sum = { busy_ms: 0, all_ms: 0 };
  for (const { times } of cpus()) {
    const busy_ms = times.user + times.nice + times.sys + times.irq;
    sum.busy_ms += busy_ms;
    sum.all_ms += busy_ms + times.idle;
  }
  return sum;
}
