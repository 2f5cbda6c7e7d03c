/** What the server says of a run's log, as the log pane asks for it: every answer checked, nothing retried, nothing kept but what was asked ahead, for a moment. */
import type * as z from 'zod/mini';
import {
  HitLinesAnswer,
  HitsAnswer,
  LinesAnswer,
  LogStatAnswer,
  MarksAnswer,
  PaceAnswer,
  PlaceAnswer,
  SearchFrame,
  type LogQuery,
} from '../shared/protocol/run_log.ts';
import { ApiError, expectBody, problemOf, request, type Fetch, type Reply } from './http_json.ts';
import { jsonLines } from './json_lines.ts';

type HitPlace = { k: number } | { line: number };
type Place = { line: number } | { offset: number } | { at: number };
/** An answer that nobody has come for until then is of a log that has gone on. */
export const AHEAD_KEPT_MS = 5_000;

type Parameters = Readonly<Record<string, string | number>>;

export class LogApi {
  readonly #fetch: Fetch;
  /** By path: each answer is for the first who asks. */
  readonly #ahead = new Map<string, Promise<Reply>>();

  constructor(send: Fetch = (path, init) => fetch(path, init)) {
    this.#fetch = send;
  }

  /** Asks now what opening a log will ask: the scripts that open it are on their way. Never rejects; who asks is told. @param last as of `lastLines`. */
  askAhead(run_id: number, last: number): void {
    for (const path of [pathOf(run_id, 'log/stat', {}), pathOf(run_id, 'log/lines', { last })]) {
      const reply = request(this.#fetch, path, {});
      reply.catch(() => undefined);
      this.#ahead.set(path, reply);
      setTimeout(() => this.#ahead.delete(path), AHEAD_KEPT_MS);
    }
  }

  /** Null when the run has no log. @throws ApiError; `log_deleted` with when and why. */
  stat(run_id: number): Promise<LogStatAnswer | null> {
    return orNone(this.#ask(LogStatAnswer, run_id, 'log/stat', {}));
  }

  /** As `stat`. */
  lastLines(run_id: number, count: number): Promise<LinesAnswer | null> {
    return orNone(this.#ask(LinesAnswer, run_id, 'log/lines', { last: count }));
  }

  lines(run_id: number, from: number, count: number, signal: AbortSignal): Promise<LinesAnswer> {
    return this.#ask(LinesAnswer, run_id, 'log/lines', { from, count }, signal);
  }

  place(run_id: number, place: Place): Promise<PlaceAnswer> {
    return this.#ask(PlaceAnswer, run_id, 'log/place', place);
  }

  marks(run_id: number): Promise<MarksAnswer> {
    return this.#ask(MarksAnswer, run_id, 'log/marks', {});
  }

  pace(run_id: number): Promise<PaceAnswer> {
    return this.#ask(PaceAnswer, run_id, 'pace', {});
  }

  hits(run_id: number, query: LogQuery, from: HitPlace, count: number, context: number): Promise<HitsAnswer> {
    const start: Parameters = 'k' in from ? { from: from.k } : { near: from.line };
    return this.#ask(HitsAnswer, run_id, 'log/search/hits', { ...query, ...start, count, context });
  }

  hitLines(run_id: number, query: LogQuery, row: number, count: number, context: number): Promise<HitLinesAnswer> {
    return this.#ask(HitLinesAnswer, run_id, 'log/search/hit-lines', { ...query, row, count, context });
  }

  /** Ends with a frame `done` or `error`. @throws ApiError when it cannot begin, or breaks off. */
  async *search(run_id: number, query: LogQuery, signal: AbortSignal): AsyncGenerator<SearchFrame> {
    let response: Response;
    try {
      response = await this.#fetch(pathOf(run_id, 'log/search', { ...query }), { signal, credentials: 'same-origin', cache: 'no-store' });
    } catch (cause) {
      throw new ApiError(0, 'no_answer', 'The server did not answer.', { cause });
    }
    if (!response.ok || response.body === null) throw problemOf({ status: response.status, body: await response.json().catch(() => null) });
    for await (const value of jsonLines(response.body)) yield expectBody(SearchFrame, { status: response.status, body: value });
  }

  async #ask<T>(schema: z.ZodMiniType<T>, run_id: number, what: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
    const init: RequestInit = signal === undefined ? {} : { signal };
    const path = pathOf(run_id, what, parameters);
    const ahead = this.#ahead.get(path);
    this.#ahead.delete(path);
    return expectBody(schema, await (ahead ?? request(this.#fetch, path, init)));
  }
}

async function orNone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function pathOf(run_id: number, what: string, parameters: Parameters): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `/api/v1/runs/${run_id}/${what}${query === '' ? '' : `?${query}`}`;
}
