/**
 * A route: what it takes, what it answers, what it does. The table of these is registered and documented from, so that the two cannot
 * drift. Names in the path that fit no pattern are names of nothing (404) and reach no handler; queries and bodies that do not fit are 422.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problem, ProblemError } from './problem.ts';

export interface AnswerDoc {
  description: string;
  schema?: z.core.$ZodType;
  /** Default `application/json`. */
  type?: string;
}

export interface RouteDoc {
  method: 'GET' | 'POST';
  /** Answered without its body, too, for those who only look whether it is there. */
  head?: boolean;
  /** With `:name` for each part of `params`. */
  path: string;
  id: string;
  summary: string;
  /** Statuses below 400; every error is problem+json. */
  answers: Readonly<Record<number, AnswerDoc>>;
  /** Header parameters worth documenting. */
  headers?: Readonly<Record<string, { description: string; required: boolean }>>;
}

export interface Route extends RouteDoc {
  params: z.core.$ZodObject;
  query: z.core.$ZodObject;
  body: z.core.$ZodObject | null;
  handle: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

export interface Call<P extends z.core.$ZodObject, Q extends z.core.$ZodObject, B extends z.core.$ZodObject> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  request: FastifyRequest;
  reply: FastifyReply;
}

const NOTHING = z.object({});
type Nothing = typeof NOTHING;

export interface RouteSpec<P extends z.core.$ZodObject, Q extends z.core.$ZodObject, B extends z.core.$ZodObject> extends RouteDoc {
  params?: P;
  query?: Q;
  body?: B;
  answer: (call: Call<P, Q, B>) => unknown;
}

export function route<P extends z.core.$ZodObject = Nothing, Q extends z.core.$ZodObject = Nothing, B extends z.core.$ZodObject = Nothing>(
  spec: RouteSpec<P, Q, B>,
): Route {
  const { answer, params, query, body, ...doc } = spec;
  return {
    ...doc,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    body: body ?? null,
    handle(request, reply) {
      // Parsed with the given schema, or the empty one its type parameter then stands for.
      const call = {
        params: parsePath(params ?? NOTHING, request.params),
        query: parseGiven(query ?? NOTHING, request.query, 'the query'),
        body: parseGiven(body ?? NOTHING, body === undefined ? {} : (request.body ?? {}), 'the body'),
        request,
        reply,
      } as Call<P, Q, B>;
      return answer(call);
    },
  };
}

function parsePath(schema: z.core.$ZodObject, value: unknown): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw new ProblemError(
    problem(404, 'not_found', `There is no such ${String(result.error.issues[0]?.path[0] ?? 'address').replace('_', ' ')}.`),
  );
}

const FIELDS_NAMED = 10;
const FIELD_LENGTH = 80;

/** @throws ProblemError 422 that names the fields. */
export function parseGiven<S extends z.core.$ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap(fieldsOf).slice(0, FIELDS_NAMED);
  const detail = `Something in ${what} does not fit: ${fields.map(({ field, message }) => `${field === '' ? what : field}: ${message}`).join('; ')}.`;
  throw new ProblemError(problem(422, 'unprocessable', detail, { fields }));
}

function fieldsOf(issue: z.core.$ZodIssue): { field: string; message: string }[] {
  const at = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ field: at.join('.').slice(0, FIELD_LENGTH), message: issue.message }];
  return issue.keys.map((key) => ({ field: [...at, key].join('.').slice(0, FIELD_LENGTH), message: 'no such field here' }));
}

/** A whole number in a query, e.g. `?after=12`. */
export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number is needed')
    .transform(Number)
    .refine((n) => n >= least && n <= most, `from ${least} to ${most}`);
}

/** A run_id in the path. */
export const runIdInPath = wholeNumber(1, Number.MAX_SAFE_INTEGER);
