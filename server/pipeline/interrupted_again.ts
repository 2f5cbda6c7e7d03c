/**
 * What a restart of the server interrupted begins again by itself, as often as the config allows: builds and process gates. Never a deploy:
 * what its node runs now is asked, and an operator decides. Never what a person or a newer push has stopped: that has its end already.
 */
import { findTier } from '../../src/shared/fold/select.ts';
import type { ProjectState, Run } from '../../src/shared/fold/state.ts';
import { PROCESS_GATES } from '../../src/shared/fold/topology.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { RunIds } from './decide.ts';

/** The same build of the same version as a new run, or nothing when it has begun again often enough. Call with the state before its end. */
export function buildAgain(project: ProjectState, run: Run, runIds: RunIds): Event[] {
  const { build } = project;
  const allowed = project.retry_interrupted ?? 0;
  if (build?.run_id !== run.run_id || run.sha === null || run.attempt > allowed) return [];
  return [{ kind: 'build_start', sha: run.sha, version: run.version, run_id: runIds.next(), attempt: run.attempt + 1 }];
}

/** Attempts that a person asked for do not count. Call with the state before its end. */
export function gateGoesAgain(project: ProjectState, run: Run): boolean {
  const tier = run.tier === null ? undefined : findTier(project, run.tier);
  const gate = tier?.gates.find(({ id }) => id === run.gate);
  const state = gate === undefined ? undefined : tier?.current?.gates[gate.id];
  if (gate === undefined || state?.status !== 'running' || state.run_id !== run.run_id) return false;
  return PROCESS_GATES.has(gate.kind) && (state.retried ?? 0) < (gate.retry_interrupted ?? 0);
}
