/**
 * One request over HTTP: a deadline, a checked JSON answer or a typed error. It tells apart what the server said from silence, because a
 * command without an answer may have been done.
 */
import * as z from 'zod/mini';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** The problem's code; `no_answer` and `bad_answer` are this page's own. */
  readonly code: string;
  /** @param message one sentence for the operator. */
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

export const REQUEST_TIMEOUT_MS = 10_000;

const Problem = z.looseObject({ code: z.string(), detail: z.optional(z.string()), title: z.optional(z.string()) });

export interface Reply {
  status: number;
  body: unknown;
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** @returns any answer in JSON, errors included. @throws ApiError `no_answer`, `bad_answer`. */
export async function request(send: Fetch, path: string, init: RequestInit, timeout_ms = REQUEST_TIMEOUT_MS): Promise<Reply> {
  let response: Response;
  let text: string;
  try {
    const deadline = AbortSignal.timeout(timeout_ms);
    const signal = init.signal == null ? deadline : AbortSignal.any([init.signal, deadline]);
    response = await send(path, { ...init, signal, credentials: 'same-origin', cache: 'no-store' });
    text = await response.text();
  } catch (cause) {
    throw new ApiError(0, 'no_answer', 'The server did not answer.', { cause });
  }
  try {
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  } catch (cause) {
    throw new ApiError(response.status, 'bad_answer', `The server answered ${response.status} with something that is not JSON.`, { cause });
  }
}

/** @throws ApiError for an error answer, or one of another shape. */
export function expectBody<T>(schema: z.ZodMiniType<T>, reply: Reply): T {
  if (reply.status >= 400) throw problemOf(reply);
  const result = schema.safeParse(reply.body);
  if (!result.success)
    throw new ApiError(reply.status, 'bad_answer', 'The server answered something this page cannot read. Reload it.', {
      cause: result.error,
    });
  return result.data;
}

export function problemOf(reply: Reply): ApiError {
  const problem = Problem.safeParse(reply.body);
  if (!problem.success) return new ApiError(reply.status, 'bad_answer', `The server answered ${reply.status}.`);
  return new ApiError(reply.status, problem.data.code, problem.data.detail ?? problem.data.title ?? `The server answered ${reply.status}.`);
}
