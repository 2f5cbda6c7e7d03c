/** A crash is an event: what was in flight when the server died is settled as interrupted. Burn-ins and confirms go on; a deploy is never repeated. */
import type { State } from '../../../src/shared/fold/state.ts';
import { pending } from '../pending.ts';
import type { Fact, RunLogFields } from '../intent.ts';
import { logOf } from './run_output.ts';

/** The end of a run as the engine tells it. */
export type RunEnded = Extract<Fact, { fact: 'build_ended' | 'gate_ended' | 'deploy_ended' }>;

/**
 * @param logs size and hash of the logs that the interrupted runs left, by run_id.
 * @param by `restart`: what the config allows may begin again. `defect`: it would only break again.
 */
export function interruptedFacts(state: State, logs: ReadonlyMap<number, RunLogFields>, by: 'restart' | 'defect'): RunEnded[] {
  return pending(state).flatMap((effect): RunEnded[] => {
    const about = { project: effect.project, run_id: effect.run_id };
    const again = by === 'restart' ? { ended_by: by } : {};
    const elapsed_s = 0;
    const log = logs.get(effect.run_id) ?? null;
    const excerpt = log !== null && by === 'restart' ? ['The server stopped during this run; its log ends there.'] : [];
    const message =
      by === 'restart' ? 'The server stopped during this deploy. Nothing was repeated.' : 'A defect of the server ended this deploy.';
    switch (effect.type) {
      case 'build':
        return [
          {
            fact: 'build_ended',
            ...about,
            ...again,
            elapsed_s,
            log,
            outcome: { status: 'failed', classification: { type: 'interrupted', suspect: 'machine' }, excerpt },
          },
        ];
      case 'gate':
        return [
          {
            fact: 'gate_ended',
            ...about,
            ...again,
            outcome: {
              status: 'failed',
              ...logOf(effect.run_id, log),
              classification: { type: 'interrupted', suspect: 'machine' },
              excerpt,
            },
          },
        ];
      case 'deploy':
        return [
          {
            fact: 'deploy_ended',
            ...about,
            elapsed_s,
            log,
            failure: { type: 'interrupted', message },
            excerpt,
          },
        ];
      case 'burn_in':
        return [];
      default:
        return effect satisfies never;
    }
  });
}
