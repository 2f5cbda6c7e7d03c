/** What the server says of a run's log, as the log pane asks for it: every answer checked, nothing kept, nothing retried. */
import type * as z from 'zod/mini';
import {
  HitsAnswer,
  LinesAnswer,
  LogStatAnswer,
  MarksAnswer,
  PaceAnswer,
  PlaceAnswer,
  SearchFrame,
  type LogQuery,
} from '../shared/protocol/run_log.ts';
import { ApiError, expectBody, problemOf, request, type Fetch } from './http_json.ts';
import { jsonLines } from './json_lines.ts';

type HitPlace = { k: number } | { line: number } | { row: number };
type Place = { line: number } | { offset: number } | { at: number };
type Parameters = Readonly<Record<string, string | number>>;

export class LogApi {
  readonly #fetch: Fetch;

  constructor(send: Fetch = (path, init) => fetch(path, init)) {
    this.#fetch = send;
  }

  /** Null when the run has no log. @throws ApiError; `log_deleted` with when and why. */
  async stat(run_id: number): Promise<LogStatAnswer | null> {
    try {
      return await this.#ask(LogStatAnswer, run_id, 'log/stat', {});
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
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
    const start: Parameters = 'k' in from ? { from: from.k } : 'row' in from ? from : { near: from.line };
    return this.#ask(HitsAnswer, run_id, 'log/search/hits', { ...query, ...start, count, context });
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
    return expectBody(schema, await request(this.#fetch, pathOf(run_id, what, parameters), init));
  }
}

function pathOf(run_id: number, what: string, parameters: Parameters): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `/api/v1/runs/${run_id}/${what}${query === '' ? '' : `?${query}`}`;
}
