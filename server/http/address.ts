/** Names in the path, looked up before anything is recorded: a command for a place that is not there is 404 and does not use up its key. */
import type { ProjectState, State, TierState } from '../../src/shared/fold/state.ts';
import type { RefusalCode } from '../../src/shared/protocol/refusals.ts';
import { REFUSAL_TITLE } from '../../src/shared/protocol/refusals.ts';
import { problem, ProblemError } from './problem.ts';

export interface Address {
  project: string;
  tier?: string;
  gate?: string;
}

/** Refusals that mean the path named nothing. */
export const NAMES_NOTHING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'unknown_project',
  'unknown_tier',
  'unknown_gate',
  'unknown_run',
]);

export function notFound(code: RefusalCode, detail: string): ProblemError {
  return new ProblemError(problem(404, code, detail, { title: REFUSAL_TITLE[code] }));
}

/** @throws ProblemError 404. */
export function projectAt(state: State, id: string): ProjectState {
  const project = state.projects.find((candidate) => candidate.id === id);
  if (project === undefined) throw notFound('unknown_project', `There is no project ${id}.`);
  return project;
}

/** @throws ProblemError 404. */
export function tierAt(project: ProjectState, id: string): TierState {
  const tier = project.tiers.find((candidate) => candidate.id === id);
  if (tier === undefined) throw notFound('unknown_tier', `${project.id} has no tier ${id}.`);
  return tier;
}

/** @throws ProblemError 404 that says which part is not there. */
export function assertAddress(state: State, address: Address): void {
  const project = projectAt(state, address.project);
  if (address.tier === undefined) return;
  const tier = tierAt(project, address.tier);
  if (address.gate !== undefined && !tier.gates.some(({ id }) => id === address.gate)) {
    throw notFound('unknown_gate', `${project.id} has no gate ${address.gate} in ${tier.id}.`);
  }
}
