/** What an address says of runs side by side: which, in which order, how laid out, and whether they keep the same time. Total: what cannot be followed is left out, and told. */

import { namedRuns, PANES_MOST, shownRuns } from './pane_runs.ts';

/** Of a text that is no number, so much is told. */
const QUOTED_CHARS = 20;

export const LAYOUTS = ['tiles', 'columns', 'rows'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface PaneAddress {
  runs: readonly number[];
  layout: Layout;
  same_time: boolean;
  /** What of the address is not shown, and why: sentences. */
  left_out: readonly string[];
}

/** `?time=own`: every pane goes its own way. */
const OWN_TIME = 'own';

/** @param param what stands behind `?name=`, or null. */
export function paneAddress(param: (name: string) => string | null): PaneAddress {
  const { numbers, strange } = namedRuns(param('runs'));
  const each = [...new Set(numbers)];
  const twice = [...new Set(numbers.filter((run_id, i) => numbers.indexOf(run_id) !== i))];
  const asked = param('layout') ?? 'tiles';
  const layout = LAYOUTS.find((known) => known === asked);
  return {
    runs: shownRuns({ numbers }),
    layout: layout ?? 'tiles',
    same_time: param('time') !== OWN_TIME,
    left_out: [
      ...(strange[0] === undefined ? [] : [notNumbers(strange[0], strange.length - 1)]),
      ...(twice[0] === undefined ? [] : [`${runsNamed(twice)} ${isOrAre(twice)} named more than once and shown once.`]),
      ...(each.length > PANES_MOST ? [tooMany(each.slice(PANES_MOST))] : []),
      ...(layout === undefined ? [`There is no layout “${quoted(asked)}”: these are tiles.`] : []),
    ],
  };
}

/** What stands behind `?` for a change; what is as usual is left out of the address. */
export function paneParams(change: Partial<Pick<PaneAddress, 'runs' | 'layout' | 'same_time'>>): Record<string, string | null> {
  return {
    ...(change.runs === undefined ? {} : { runs: change.runs.join(',') }),
    ...(change.layout === undefined ? {} : { layout: change.layout === 'tiles' ? null : change.layout }),
    ...(change.same_time === undefined ? {} : { time: change.same_time ? null : OWN_TIME }),
  };
}

/** @param to index; beyond an end it stays there. */
export function moved(runs: readonly number[], run_id: number, to: number): readonly number[] {
  const others = runs.filter((other) => other !== run_id);
  if (others.length === runs.length) return runs;
  const index = Math.max(0, Math.min(others.length, to));
  return [...others.slice(0, index), run_id, ...others.slice(index)];
}

function notNumbers(first: string, more: number): string {
  if (more === 0) return `“${quoted(first)}” is not the number of a run.`;
  return `“${quoted(first)}” and ${more} more are not numbers of runs.`;
}

function tooMany(rest: readonly number[]): string {
  return `${PANES_MOST} runs fit side by side: ${runsNamed(rest).replace('R', 'r')} ${isOrAre(rest)} left out.`;
}

const NAMED_MOST = 3;
function runsNamed(runs: readonly number[]): string {
  if (runs.length === 1) return `Run ${runs[0] ?? ''}`;
  const named = runs.slice(0, runs.length > NAMED_MOST ? NAMED_MOST : -1).join(', ');
  return `Runs ${named} and ${runs.length > NAMED_MOST ? `${runs.length - NAMED_MOST} more` : (runs.at(-1) ?? '')}`;
}

const isOrAre = (runs: readonly number[]): string => (runs.length === 1 ? 'is' : 'are');

function quoted(word: string): string {
  return word.length > QUOTED_CHARS ? `${word.slice(0, QUOTED_CHARS)}…` : word;
}
