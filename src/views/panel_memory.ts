/** The two things the panel keeps beside the state: how many commits lie between two releases, and that "Try next" was hidden. */
import type { Comparison } from '../state/context.ts';

const COUNTS_KEPT = 100;
const HIDDEN_KEY = 'signalbox.try_next.hidden';

/** Releases are immutable, so a count is asked for once; one that failed is asked for again. */
export function rememberedCounts(
  compare: (project: string, from: string, to: string) => Promise<Comparison>,
): (project: string, from: string, to: string) => Promise<number> {
  const known = new Map<string, Promise<number>>();
  return (project, from, to) => {
    const key = `${project} ${from} ${to}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const asked = compare(project, from, to).then((comparison) => comparison.total);
    asked.catch(() => known.delete(key));
    known.set(key, asked);
    for (const oldest of known.keys()) {
      if (known.size <= COUNTS_KEPT) break;
      known.delete(oldest);
    }
    return asked;
  };
}

/** Storage may be switched off; then the card is back after a reload, and that is all. */
export const tryNextHidden = {
  read(): boolean {
    try {
      return localStorage.getItem(HIDDEN_KEY) === '1';
    } catch {
      return false;
    }
  },
  remember(): void {
    try {
      localStorage.setItem(HIDDEN_KEY, '1');
    } catch {
      // Said above: it is back after a reload.
    }
  },
};
