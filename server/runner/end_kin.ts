/** Ends all kin of a run: TERM, grace, KILL, and looks again until nobody is left. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Kin } from './kin.ts';

/** Between two looks. A plain timer, not the clock: it waits for the kernel, not for an hour of the day. */
const LOOK_INTERVAL_MS = 20;
/** A process stuck in the kernel, or another user's, survives KILL; after this it is given up and named. */
const KILL_WAIT_MS = 5_000;
/** One empty look can miss a child forked behind its back by a process that then left; two in a row are believed. */
const EMPTY_LOOKS = 2;

export interface EndOptions {
  clock: Clock;
  grace_ms: number;
  kill_wait_ms?: number;
}

/** @returns how many were ended, and who could not be. */
export async function endKin(kin: Kin, options: EndOptions): Promise<{ ended: number; left: readonly number[] }> {
  const { clock, grace_ms, kill_wait_ms = KILL_WAIT_MS } = options;
  const termed = new Set<number>();
  const grace = { over: false };
  let kill_until: number | null = null;
  const undo = clock.after(grace_ms, () => (grace.over = true));
  try {
    for (let empty = 0; empty < EMPTY_LOOKS;) {
      const pids = await kin.look();
      empty = pids.length === 0 ? empty + 1 : 0;
      if (pids.length === 0) continue;
      // Only the first TERM goes to the group as one: many programs take a second TERM for impatience and drop their clean-up.
      const fresh = pids.filter((pid) => !termed.has(pid));
      if (!grace.over && fresh.length > 0) kin.signal(fresh, 'SIGTERM', termed.size === 0);
      for (const pid of fresh) termed.add(pid);
      if (grace.over) {
        kill_until ??= performance.now() + kill_wait_ms;
        if (performance.now() > kill_until) return { ended: termed.size - pids.length, left: pids };
        kin.signal(pids, 'SIGKILL', true);
      }
      await pause(LOOK_INTERVAL_MS);
    }
  } finally {
    undo();
  }
  return { ended: termed.size, left: [] };
}
