/** How a line is laid out: the columns of its grid, and how roomy lines are, by how many there are. */
import type { TierModel } from './line_model.ts';

export type Density = 'roomy' | 'compact' | 'dense';

const ROOMY_UP_TO = 4;
const COMPACT_UP_TO = 15;

/** @param projects all of them, not the filtered ones: a filter must not change the size of what stays. */
export function densityFor(projects: number): Density {
  if (projects <= ROOMY_UP_TO) return 'roomy';
  return projects <= COMPACT_UP_TO ? 'compact' : 'dense';
}

const STATION_REM = 7.5;
const SIGNAL_REM = 3;
const RAIL_REM = 0.75;
const TIER_REM = 13.5;
const FOLDED_TIER_REM = 10.5;
const TERMINUS_REM = 11.5;

/** `grid-template-columns`: name, push and build, one column a tier. A tier without signals at the end of the line needs no long track. */
export function columnsOf(tiers: readonly TierModel[]): string {
  const columns = tiers.map((tier) => {
    if (tier.last && tier.slots.length === 0) return `minmax(${TERMINUS_REM}rem, 0.7fr)`;
    const needed = STATION_REM + SIGNAL_REM * tier.slots.length + RAIL_REM;
    return `minmax(${Math.max(tier.folded ? FOLDED_TIER_REM : TIER_REM, needed)}rem, 1fr)`;
  });
  return ['var(--name)', 'var(--push)', ...columns].join(' ');
}
