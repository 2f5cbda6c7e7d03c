/**
 * Errors as problem+json (RFC 9457) with a `code`. What the user sees is ours, sentence by sentence: never a stack, a path or another
 * program's message. What we do not know is `internal` with an incident id, and its details go to the log under that id.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LogError } from '../eventlog/port.ts';
import { CallerGone } from './gone_signal.ts';
import { COME_BACK_S, Failure, HTTP_STATUS, type FailureCode } from '../failure.ts';

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  instance?: string;
  [extension: string]: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** An error with more to say than a Failure: a code of its own, or further fields. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function problem(
  status: number,
  code: string,
  detail: string,
  more: { title?: string; [extension: string]: unknown } = {},
): Problem {
  const title = more.title ?? STATUS_CODES[status] ?? 'Error';
  return { ...more, type: `urn:signalbox:${code}`, title, status, code, detail };
}

export function failureProblem(failure: Failure): Problem {
  return problem(HTTP_STATUS[failure.code], failure.code, failure.message);
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  if (body.status === HTTP_STATUS.too_many || body.status === HTTP_STATUS.unavailable) reply.header('retry-after', COME_BACK_S);
  // Serialised here: fastify would set its own content type for an object.
  return reply.code(body.status).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store').send(JSON.stringify(body));
}

/** Fastify's error handler. A caller who hung up is no failure. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = problemOf(error);
  if (known !== null) return sendProblem(reply, known);
  // What it waited for was given up with it.
  if (error instanceof CallerGone) return reply.hijack();
  const incident = randomUUID();
  request.log.error({ err: error, incident, method: request.method, route: request.routeOptions.url }, 'a request failed');
  return sendProblem(reply, {
    ...problem(500, 'internal', 'Something went wrong in the server. Its log has the details under the incident id.', { incident }),
    instance: `urn:uuid:${incident}`,
  });
}

function problemOf(error: unknown): Problem | null {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Failure) return error.code === 'internal' ? null : failureProblem(error);
  if (error instanceof LogError) return logProblem(error);
  return frameworkProblem(error);
}

function logProblem(error: LogError): Problem | null {
  if (error.code === 'below_floor') return problem(410, 'gone', 'The event log was trimmed; what you ask for is no longer in it.');
  if (error.code === 'closed') return problem(503, 'unavailable', 'The server is shutting down. Try again in a moment.');
  return null;
}

const SENTENCE: Partial<Record<FailureCode, string>> = {
  malformed: 'The request could not be read: the address or the JSON body is broken.',
  not_found: 'There is nothing at this address.',
  too_large: 'The body is too large; 64 KiB is the most.',
  unsupported_media_type: 'Send the body as application/json.',
  unavailable: 'The server is shutting down. Try again in a moment.',
};

/** Errors of fastify and its plugins carry a status; only those below 500, and 503, are the caller's to know. */
function frameworkProblem(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
  // A file that may not be given is none here.
  const status = error.statusCode === HTTP_STATUS.forbidden ? HTTP_STATUS.not_found : error.statusCode;
  if (status < 400 || (status >= 500 && status !== 503)) return null;
  const code = codeOfStatus(status);
  return problem(HTTP_STATUS[code], code, SENTENCE[code] ?? 'The request could not be answered.');
}

function codeOfStatus(status: number): FailureCode {
  for (const [code, listed] of Object.entries(HTTP_STATUS)) if (listed === status) return code as FailureCode;
  return 'malformed';
}
