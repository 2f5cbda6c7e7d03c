/**
 * How rough a world is: which faults it has at all and how often. Each seed leaves some of them out, because where everything fails all the time
 * nothing gets far enough to fail in an interesting way.
 */
import type { Schedule } from './schedule.ts';

/** What may happen next, and its usual share. */
const USUAL = {
  pick: 74,
  pass: 12,
  operator: 7,
  push: 0.9,
  watch: 1.5,
  link: 2,
  disk: 0.6,
  node: 0.6,
  reload: 0.4,
  restart: 0.4,
  clock: 0.3,
  crash: 0.6,
} as const;
type Next = keyof typeof USUAL;

const FAULTS: readonly Next[] = ['link', 'disk', 'node', 'reload', 'restart', 'clock', 'crash'];

export interface Temper {
  shares: readonly (readonly [next: Next, share: number])[];
  total: number;
  /** How much more often than usual children and deploys fail. */
  children: number;
  nodes: number;
  ring_events: number;
}

export function temperOf({ random }: Pick<Schedule, 'random'>): Temper {
  const often = (): number => random.pick([0, 0, 1, 1, 2]);
  const shares = (Object.keys(USUAL) as Next[]).map((next) => [next, USUAL[next] * (FAULTS.includes(next) ? often() : 1)] as const);
  return {
    shares,
    total: shares.reduce((sum, [, share]) => sum + share, 0),
    children: random.pick([0.1, 0.1, 1, 2]),
    nodes: random.pick([0.1, 0.1, 1, 2]),
    ring_events: random.pick([4, 16]),
  };
}

/** @param at from 0 to below 1. */
export function nextOf({ shares, total }: Temper, at: number): Next {
  let left = at * total;
  for (const [next, share] of shares) if ((left -= share) < 0) return next;
  return 'pick';
}
