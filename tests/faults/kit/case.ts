/**
 * A fault case: one promise, broken into many times with seeded variety, and counted. A case counts only with its red controls: for each guard
 * that keeps the promise, the same case must find violations once that guard is taken out of the source. Without them a case may be green
 * because it looks at nothing.
 */

export interface Asked {
  /** Repetitions wanted. */
  runs: number;
  /** The same seed gives the same operations; a violation names it. */
  seed: number;
}

export interface Found {
  runs: number;
  /** One sentence each, with the seed and what is needed to see it again. */
  violations: readonly string[];
  /** What was measured beside, with its unit: "p99 3.1 ms". */
  figure?: string;
}

/** A guard and how it is taken out: in `file`, the only occurrence of `find` becomes `replace`. */
export interface Guard {
  /** What it keeps from happening. */
  name: string;
  /** Relative to the repository. */
  file: string;
  find: string;
  replace: string;
}

export interface FaultCase {
  /** A sentence: what must hold. */
  name: string;
  /** Repetitions in `npm test`, a few seconds' worth; null for a case of the long share only. */
  quick: number | null;
  /** Repetitions in `npm run test:faults`. */
  long: number;
  run: (asked: Asked) => Promise<Found>;
  /** Each must turn the case red on its own. */
  guards: readonly Guard[];
  /** Repetitions that are enough for a taken-out guard to show. */
  red_runs: number;
  /** A program or facility without which the case is skipped, and said to be. */
  needs?: 'strace' | 'proc' | 'git';
  /** The whole case, red controls apart, ms. Default ten minutes. */
  deadline_ms?: number;
}

/** A small seeded generator of numbers (mulberry32): enough for choosing what to break, and the same everywhere. */
export function seeded(seed: number): { next(): number; below(bound: number): number; pick<T>(of: readonly T[]): T } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    pick<T>(of: readonly T[]): T {
      const picked = of[below(of.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
