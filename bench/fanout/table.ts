/** Rounds of several sides as lines of a table: medians, and the medians of the ratios within each round. */
import { median } from '../../tests/faults/kit/median.ts';
import type { Round } from './measures.ts';

const HEAD = ['', 'events/s', 'x first', 'p50 ms', 'p99 ms', 'server cpu us', 'x first', 'load cpu us'];
const WIDTHS = [50, 9, 8, 8, 8, 14, 8, 12];

/** What the side at `mine` is of the side at `other`, within each round. */
export function beside(rounds: readonly (readonly Round[])[], mine: number, other: number, of: (round: Round) => number): number {
  return median(
    rounds.flatMap((round) => {
      const [one, two] = [round[mine], round[other]];
      return one === undefined || two === undefined ? [] : [of(one) / of(two)];
    }),
  );
}

/** @param rounds each with one result for each name, in their order. */
export function table(names: readonly string[], rounds: readonly (readonly Round[])[]): string {
  const of = (side: number, what: (round: Round) => number): number => median(rounds.flatMap((round) => round[side] ?? []).map(what));
  const lines = names.map((name, side) => [
    name,
    `${(of(side, ({ perSecond }) => perSecond) / 1_000).toFixed(0)}k`,
    beside(rounds, side, 0, ({ perSecond }) => perSecond).toFixed(2),
    of(side, ({ p50_ms }) => p50_ms).toFixed(2),
    of(side, ({ p99_ms }) => p99_ms).toFixed(2),
    of(side, ({ cpu_us }) => cpu_us).toFixed(2),
    beside(rounds, side, 0, ({ cpu_us }) => cpu_us).toFixed(2),
    load(of(side, ({ load_cpu_us }) => load_cpu_us)),
  ]);
  return [HEAD, ...lines].map(line).join('\n');
}

function load(cpu_us: number): string {
  return Number.isNaN(cpu_us) ? '–' : cpu_us.toFixed(2);
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0))).join(' ');
}
