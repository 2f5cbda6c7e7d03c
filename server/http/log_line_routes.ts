/** A run's log: what is known of it, its bytes, its lines and places in it. */
import { z } from 'zod';
import { LINES_SENT_MOST } from '../../src/shared/protocol/log_bounds.ts';
import { LinesAnswer, LogStatAnswer, PlaceAnswer } from '../../src/shared/protocol/run_log.ts';
import { Failure } from '../failure.ts';
import type { PlaceAsked } from '../logstore/port.ts';
import type { HttpDeps } from './deps.ts';
import { problem, ProblemError } from './problem.ts';
import { route, runIdInPath, wholeNumber, type Route } from './route.ts';
import { sendLogForm } from './log_form.ts';
import { sendLog, statOf } from './run_log.ts';

const LINES_BY_DEFAULT = 256;

const ofRun = z.object({ run_id: runIdInPath });
const offset = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const countOfLines = wholeNumber(1, LINES_SENT_MOST);
const lineNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);

export function logLineRoutes({ logs }: Pick<HttpDeps, 'logs'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log',
      id: 'run_log',
      summary:
        'The log, byte for byte, or bytes `from` up to but not including `to` of it; takes one `Range` when neither is given. `form=plain`: as text without escape sequences and control characters; `form=gzip`: packed; both whole, without `from` and `to`. `?download` names the file. Ended when not a byte of it is taken for 10 minutes.',
      params: ofRun,
      query: z.strictObject({
        download: z.string().optional(),
        form: z.enum(['raw', 'plain', 'gzip']).default('raw'),
        from: offset.optional(),
        to: offset.optional(),
      }),
      answers: { 200: { description: 'The whole.', type: 'text/plain' }, 206: { description: 'The range.', type: 'text/plain' } },
      answer: ({ params: { run_id }, query: { download, form, ...part }, request, reply }) => {
        assertPart(part, form);
        return form === 'raw'
          ? sendLog(logs, run_id, { download: download !== undefined, part }, request, reply)
          : sendLogForm(logs, run_id, { form, download: download !== undefined }, reply);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/stat',
      id: 'run_log_stat',
      summary: 'How long the log is, when output came, the longest pause in it, its hash once it is closed, and until when it is kept.',
      params: ofRun,
      answers: { 200: { description: 'The log as it is now.', schema: LogStatAnswer } },
      answer: async ({ params: { run_id } }) => {
        const { meta: _, chunks: __, ...stat } = await statOf(logs, run_id);
        return { run_id, ...stat };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/lines',
      id: 'run_log_lines',
      summary:
        'Lines from line `from` on; the first is 1. Or, instead of these two, the `last` so many. Fewer when the log ends or they are long: go on after the last. A line of more than 16 KiB is cut.',
      params: ofRun,
      query: z.strictObject({ from: lineNumber.optional(), count: countOfLines.optional(), last: countOfLines.optional() }),
      answers: { 200: { description: 'The lines.', schema: LinesAnswer } },
      answer: async ({ params: { run_id }, query }) => {
        const { lines } = await statOf(logs, run_id);
        const { from, count } = linesAsked(query, lines);
        return { run_id, ...there(run_id, await logs.lines(run_id, from, count)) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:run_id/log/place',
      id: 'run_log_place',
      summary:
        'One line: number `line`, the one that holds byte `offset`, or the first that began to be stored `at` a time (ms since the epoch) or later. The last line when there is none.',
      params: ofRun,
      query: z.strictObject({ line: lineNumber.optional(), offset: offset.optional(), at: offset.optional() }),
      answers: { 200: { description: 'The line.', schema: PlaceAnswer } },
      answer: async ({ params: { run_id }, query }) => {
        const asked = placeAsked(query);
        await statOf(logs, run_id);
        return { run_id, ...there(run_id, await logs.place(run_id, asked)) };
      },
    }),
  ];
}

/** @throws ProblemError 422 when the part ends before it begins, or is one of a form that is only made whole. */
function assertPart({ from, to }: { from?: number | undefined; to?: number | undefined }, form: 'raw' | 'plain' | 'gzip'): void {
  if (form !== 'raw' && (from !== undefined || to !== undefined))
    throw new ProblemError(problem(422, 'unprocessable', `form=${form} is the whole log: give from and to without it.`));
  if ((from ?? 0) > (to ?? Infinity)) throw new ProblemError(problem(422, 'unprocessable', 'to lies before from.'));
}

interface LinesQuery {
  from?: number | undefined;
  count?: number | undefined;
  last?: number | undefined;
}

/** @param lines of the log. @throws ProblemError 422 when the beginning is asked for in two ways. */
function linesAsked({ from, count, last }: LinesQuery, lines: number): { from: number; count: number } {
  if (last === undefined) return { from: from ?? 1, count: count ?? LINES_BY_DEFAULT };
  if (from !== undefined || count !== undefined)
    throw new ProblemError(problem(422, 'unprocessable', 'Give last alone, or from and count.'));
  return { from: Math.max(1, lines - last + 1), count: last };
}

/** @throws ProblemError 422 unless exactly one is given. */
function placeAsked({ line, offset, at }: { line?: number | undefined; offset?: number | undefined; at?: number | undefined }): PlaceAsked {
  const asked: PlaceAsked[] = [];
  if (line !== undefined) asked.push({ line });
  if (offset !== undefined) asked.push({ offset });
  if (at !== undefined) asked.push({ at_ms: at });
  const [only, second] = asked;
  if (only === undefined || second !== undefined) throw new ProblemError(problem(422, 'unprocessable', 'Give one of line, offset and at.'));
  return only;
}

/** @throws Failure `not_found`. */
function there<T>(run_id: number, answer: T | null): T {
  if (answer === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
  return answer;
}
