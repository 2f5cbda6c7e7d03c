/** Runs as one may choose them from a list. */
import type { Run } from '../../shared/fold/state.ts';
import type { MarkKind } from '../panel/mark.ts';
import { runName } from '../run/run_name.ts';
import { runStatus } from '../run/run_words.ts';

export interface RunChoice {
  run_id: number;
  /** `unit_tests`. */
  name: string;
  /** `app 1.4.0, staging, attempt 2`. */
  where: string;
  mark: MarkKind;
  status: string;
}

export interface ChoiceGroup {
  title: string;
  choices: readonly RunChoice[];
}

/** @param now server-corrected ms. @param me the viewer's actor. */
export function runChoice(run: Run, project: string, now: number, me: string): RunChoice {
  const { mark, words } = runStatus(run, now, me);
  const place = [`${project} ${run.version.replace(/\+.*/, '')}`, ...(run.tier === null ? [] : [run.tier])].join(', ');
  return {
    run_id: run.run_id,
    name: runName(run),
    where: run.attempt > 1 ? `${place}, attempt ${run.attempt}` : place,
    mark,
    status: words,
  };
}

/** Each run once, in the first group that has it, none that is shown already; groups that are empty are left out. */
export function choiceGroups(groups: readonly ChoiceGroup[], shown: readonly number[]): ChoiceGroup[] {
  const seen = new Set(shown);
  return groups
    .map(({ title, choices }) => ({ title, choices: choices.filter(({ run_id }) => !seen.has(run_id) && seen.add(run_id)) }))
    .filter(({ choices }) => choices.length > 0);
}
