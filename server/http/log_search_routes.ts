/** Finding in a run's log: a stream of what is found while it is looked for, and the rows of a log that is filtered. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CONTEXT_MOST, HIT_LINES_SENT_MOST, LINES_SENT_MOST } from '../../src/shared/protocol/log_bounds.ts';
import { HitLinesAnswer, HitsAnswer, LogQuery, type SearchFrame } from '../../src/shared/protocol/run_log.ts';
import { Failure } from '../failure.ts';
import type { HitsAsked } from '../logstore/port.ts';
import type { HttpDeps } from './deps.ts';
import { goneSignal } from './gone_signal.ts';
import { problem, ProblemError } from './problem.ts';
import { route, runIdInPath, wholeNumber, type Route } from './route.ts';
import { statOf } from './run_log.ts';
import { takenWithin } from './taken_within.ts';

const HITS_BY_DEFAULT = 256;
const FOUND = 'matching lines: text that is shown counts, colours and what was written over do not';
const ROWS =
  ', and with `context` so many lines around them, each once: from row `row` on, from match `from` on (0 is the first), or from the first match in line `near` or later. 422 `pattern_invalid`, `pattern_too_slow`.';
const ofRun = z.object({ run_id: runIdInPath });
const place = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const rowsAsked = (most: number) =>
  z.strictObject({
    ...LogQuery.shape,
    row: place.optional(),
    from: place.optional(),
    near: place.optional(),
    count: wholeNumber(1, most).default(HITS_BY_DEFAULT),
    context: wholeNumber(0, CONTEXT_MOST).default(0),
  });

export interface LogSearchRoutes {
  routes: Route[];
  /** Ends all searches, so that the server can close. Idempotent. */
  close: () => void;
}

export function logSearchRoutes({ logs, clock }: Pick<HttpDeps, 'logs' | 'clock'>): LogSearchRoutes {
  const closing = new AbortController();

  async function rowsOf<T extends object>(
    ask: (run_id: number, query: LogQuery, asked: HitsAsked, signal: AbortSignal) => Promise<T | null>,
    run_id: number,
    { q, mode, case: rule, count, context, ...begin }: z.infer<ReturnType<typeof rowsAsked>>,
    reply: FastifyReply,
  ): Promise<T & { run_id: number }> {
    await statOf(logs, run_id);
    const signal = AbortSignal.any([goneSignal(reply), closing.signal]);
    const answer = await ask(run_id, { q, mode, case: rule }, { begin: beginAsked(begin), count, context }, signal);
    if (answer === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
    return { run_id, ...answer };
  }

  return {
    close: () => closing.abort(new Failure('unavailable', 'The server is shutting down.')),
    routes: [
      route({
        method: 'GET',
        path: '/api/v1/runs/:run_id/log/search',
        id: 'run_log_search',
        summary: `Looks through the whole log for ${FOUND}. One JSON object a line: \`hits\` with the first of them as they are found, \`progress\`, and at last \`done\` or \`error\`. \`mode=regex\` takes JavaScript's regular expressions; \`pattern_invalid\` and \`pattern_too_slow\` come as \`error\`. Hanging up ends it. Searches wait for each other; 429 \`too_many\` when too many wait.`,
        params: ofRun,
        query: LogQuery,
        answers: { 200: { description: 'The stream.', type: 'application/x-ndjson' } },
        answer: async ({ params: { run_id }, query, reply }) => {
          await statOf(logs, run_id);
          const signal = AbortSignal.any([goneSignal(reply), closing.signal]);
          const frames = logs.search(run_id, query, signal)[Symbol.asyncIterator]();
          // What fails before anything was found is still an answer of its own.
          const first = await frames.next();
          const lines = takenWithin(linesOf(first, frames), clock, () => reply.raw.destroy());
          return reply
            .header('content-type', 'application/x-ndjson; charset=utf-8')
            .header('cache-control', 'no-store')
            .header('x-accel-buffering', 'no')
            .send(Readable.from(lines, { highWaterMark: 1 }));
        },
      }),
      route({
        method: 'GET',
        path: '/api/v1/runs/:run_id/log/search/hits',
        id: 'run_log_search_hits',
        summary: `Rows of the log with only ${FOUND}${ROWS}`,
        params: ofRun,
        query: rowsAsked(LINES_SENT_MOST),
        answers: { 200: { description: 'The rows.', schema: HitsAnswer } },
        answer: ({ params: { run_id }, query, reply }) => rowsOf(logs.hits, run_id, query, reply),
      }),
      route({
        method: 'GET',
        path: '/api/v1/runs/:run_id/log/search/hit-lines',
        id: 'run_log_search_hit_lines',
        summary: `The numbers of ${FOUND}${ROWS}`,
        params: ofRun,
        query: rowsAsked(HIT_LINES_SENT_MOST),
        answers: { 200: { description: 'The numbers.', schema: HitLinesAnswer } },
        answer: ({ params: { run_id }, query, reply }) => rowsOf(logs.hitLines, run_id, query, reply),
      }),
    ],
  };
}

async function* linesOf(first: IteratorResult<SearchFrame>, rest: AsyncIterator<SearchFrame>): AsyncGenerator<string> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield `${JSON.stringify(next.value)}\n`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const frame: SearchFrame = { type: 'error', code: error.code, message: error.message };
    yield `${JSON.stringify(frame)}\n`;
  } finally {
    await rest.return?.();
  }
}

/** @throws ProblemError 422 when more than one is given. */
function beginAsked(given: { row?: number | undefined; from?: number | undefined; near?: number | undefined }): HitsAsked['begin'] {
  const { row, from, near } = given;
  if ([row, from, near].filter((place) => place !== undefined).length > 1) {
    throw new ProblemError(problem(422, 'unprocessable', 'Give at most one of row, from and near.'));
  }
  if (row !== undefined) return { row };
  return near === undefined ? { from: from ?? 0 } : { near };
}
