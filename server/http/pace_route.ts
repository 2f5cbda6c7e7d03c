/** How long a run's step usually takes, and how long it usually is silent. */
import { z } from 'zod';
import { PaceAnswer } from '../../src/shared/protocol/run_log.ts';
import { Failure } from '../failure.ts';
import { paceOf } from '../run_pace.ts';
import type { HttpDeps } from './deps.ts';
import { route, runIdInPath, type Route } from './route.ts';

export function paceRoute({ runs, logs, recording }: Pick<HttpDeps, 'runs' | 'logs' | 'recording'>): Route {
  const longestPause = async (run_id: number): Promise<number | null> => {
    const stat = await logs.stat(run_id);
    // Of what an older version stored it is not known when it came.
    return stat === null || stat.first_at === null ? null : stat.longest_pause_ms;
  };
  return route({
    method: 'GET',
    path: '/api/v1/runs/:run_id/pace',
    id: 'run_pace',
    summary:
      'How long the step of a run usually takes, and its usual longest time without output, from its last passed runs. Null without history.',
    params: z.object({ run_id: runIdInPath }),
    answers: { 200: { description: 'Seconds.', schema: PaceAnswer } },
    answer: async ({ params: { run_id } }) => {
      const run = await runs.get(run_id);
      if (run === null) throw new Failure('not_found', `There is no run ${run_id}.`);
      return await paceOf(run, recording.state(), { runs, longestPause });
    },
  });
}
