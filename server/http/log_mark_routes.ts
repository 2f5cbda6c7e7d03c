/** Where in a run's log the reasons of a failure are, and its sections. */
import { z } from 'zod';
import { MarksAnswer } from '../../src/shared/protocol/run_log.ts';
import { Failure } from '../failure.ts';
import type { HttpDeps } from './deps.ts';
import { route, runIdInPath, type Route } from './route.ts';
import { statOf } from './run_log.ts';

export function logMarkRoutes({ logs }: Pick<HttpDeps, 'logs'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/marks',
      id: 'run_log_marks',
      summary:
        'Lines of the log that look like reasons of a failure, and its foldable sections, as far as it has been surveyed: `surveyed` equals `bytes` when the log is closed. `errors.count` is exact; `items` are the first of them.',
      params: z.object({ run_id: runIdInPath }),
      answers: { 200: { description: 'The marks.', schema: MarksAnswer } },
      answer: async ({ params: { run_id } }) => {
        await statOf(logs, run_id);
        const marks = await logs.marks(run_id);
        if (marks === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
        return { run_id, ...marks };
      },
    }),
  ];
}
