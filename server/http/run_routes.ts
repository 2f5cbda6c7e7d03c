/** Runs. */
import { z } from 'zod';
import { ProjectId, Version } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import { projectAt } from './address.ts';
import type { HttpDeps } from './deps.ts';
import { route, runIdInPath, wholeNumber, type Route } from './route.ts';

const RUNS_BY_DEFAULT = 50;
const RUNS_MOST = 200;

const ofRun = z.object({ run_id: runIdInPath });
const aNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const RunDoc = z.looseObject({
  run_id: z.int(),
  project: z.string(),
  type: z.string(),
  version: z.string(),
  status: z.string(),
  started_at: z.string(),
});
const CompareDoc = z.object({
  total: z.int(),
  commits: z.array(z.object({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() })),
});

export function runRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/projects/:project/compare/:from/:to',
      id: 'compare',
      summary: 'Commits in release `to` that are not in release `from`, newest first.',
      params: z.object({ project: ProjectId, from: Version, to: Version }),
      answers: { 200: { description: 'The commits.', schema: CompareDoc } },
      answer: ({ params: { project, from, to } }) => {
        projectAt(deps.recording.state(), project);
        return deps.compare(project, from, to);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs',
      id: 'runs',
      summary: 'Runs, newest first.',
      query: z.strictObject({
        project: z.optional(ProjectId),
        type: z.enum(['build', 'gate', 'deploy']).optional(),
        status: z.enum(['running', 'blocked', 'passed', 'failed', 'cancelled']).optional(),
        before: aNumber.optional(),
        limit: wholeNumber(1, RUNS_MOST).default(RUNS_BY_DEFAULT),
      }),
      answers: {
        200: {
          description: 'A page; ask again with `before=<next_before>`.',
          schema: z.object({ items: z.array(RunDoc), next_before: z.int().nullable() }),
        },
      },
      answer: async ({ query: { limit, project, type, status, before } }) => {
        const filter = { ...(project && { project }), ...(type && { type }), ...(status && { status }), ...(before && { before }) };
        const items = await deps.runs.list({ ...filter, limit });
        return { items, next_before: items.length < limit ? null : (items.at(-1)?.run_id ?? null) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id',
      id: 'run',
      summary: 'One run.',
      params: ofRun,
      answers: { 200: { description: 'The run.', schema: RunDoc } },
      answer: async ({ params: { run_id } }) => {
        const run = await deps.runs.get(run_id);
        if (run === null) throw new Failure('not_found', `There is no run ${run_id}.`);
        return run;
      },
    }),
  ];
}
