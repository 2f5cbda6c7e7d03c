/** Runs and their logs. */
import { z } from 'zod';
import { ProjectId, Version } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import { projectAt } from './address.ts';
import type { HttpDeps } from './deps.ts';
import { goneSignal } from './gone_signal.ts';
import { LogScanner } from './log_scan.ts';
import { route, runIdInPath, wholeNumber, type Route } from './route.ts';
import { sendLog, statOf } from './run_log.ts';

const RUNS_BY_DEFAULT = 50;
const RUNS_MOST = 200;
const LINES_BY_DEFAULT = 200;
const LINES_MOST = 1000;
const MATCHES_BY_DEFAULT = 100;
const MATCHES_MOST = 500;
const QUERY_LENGTH = 200;

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
const LineDoc = z.object({ n: z.int(), offset: z.int(), text: z.string(), cut: z.literal(true).optional() });
const ScanDoc = z.object({
  run_id: z.int(),
  bytes: z.int(),
  closed: z.boolean(),
  lines: z.array(LineDoc),
  more: z.boolean(),
  complete: z.boolean(),
});
const CompareDoc = z.object({
  total: z.int(),
  commits: z.array(z.object({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() })),
});

export function runRoutes(deps: HttpDeps): Route[] {
  const scanner = new LogScanner(deps.logs);
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
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log',
      id: 'run_log',
      summary: 'The log, byte for byte; takes one `Range`. `?download` names the file.',
      params: ofRun,
      query: z.strictObject({ download: z.string().optional() }),
      answers: { 200: { description: 'The whole.', type: 'text/plain' }, 206: { description: 'The range.', type: 'text/plain' } },
      answer: ({ params, query, request, reply }) => sendLog(deps.logs, params.run_id, query.download !== undefined, request, reply),
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/lines',
      id: 'run_log_lines',
      summary: 'Lines of the log from line `from` on; the first is 1.',
      params: ofRun,
      query: z.strictObject({ from: aNumber.default(1), count: wholeNumber(1, LINES_MOST).default(LINES_BY_DEFAULT) }),
      answers: { 200: { description: 'The lines.', schema: ScanDoc } },
      answer: async ({ params: { run_id }, query, reply }) => {
        const { bytes, closed } = await statOf(deps.logs, run_id);
        return { run_id, bytes, closed, ...(await scanner.window(run_id, bytes, query.from, query.count, goneSignal(reply))) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/search',
      id: 'run_log_search',
      summary: 'Lines of the log that hold `q`, a plain text; colours are left out. Go on with `after=<n of the last>`.',
      params: ofRun,
      query: z.strictObject({
        q: z.string().min(1, 'say what to look for').max(QUERY_LENGTH),
        case: z.enum(['ignore', 'match']).default('ignore'),
        after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
        limit: wholeNumber(1, MATCHES_MOST).default(MATCHES_BY_DEFAULT),
      }),
      answers: { 200: { description: 'The matching lines.', schema: ScanDoc } },
      answer: async ({ params: { run_id }, query, reply }) => {
        const { bytes, closed } = await statOf(deps.logs, run_id);
        const what = { text: query.q, ignoreCase: query.case === 'ignore', after: query.after, limit: query.limit };
        return { run_id, bytes, closed, ...(await scanner.search(run_id, bytes, what, goneSignal(reply))) };
      },
    }),
  ];
}
