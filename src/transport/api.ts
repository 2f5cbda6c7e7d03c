/** The server's HTTP interface as this page uses it: commands and queries, every answer checked. It keeps nothing and retries nothing but the question what became of a command. */
import * as z from 'zod/mini';
import type { Command } from '../shared/protocol/commands.ts';
import type { IdempotencyKey } from '../shared/protocol/ids.ts';
import type { ApiView, Comparison } from '../state/context.ts';
import type { CommandOutcome } from '../state/submission.ts';
import { deliver } from './command_delivery.ts';
import { ApiError, expectBody, problemOf, REQUEST_TIMEOUT_MS, request, type Fetch } from './http_json.ts';
import { RunAnswer } from './run_answer.ts';

const Commits = z.looseObject({
  total: z.int(),
  commits: z.array(z.looseObject({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() })),
});
const Runs = z.looseObject({ items: z.array(RunAnswer) });

export interface ByteRange {
  from: number;
  /** Exclusive. */
  to: number;
}

export class Api implements ApiView {
  readonly #fetch: Fetch;
  readonly #name: () => string;

  /** @param name what the operator typed as theirs; '' when unknown. */
  constructor(name: () => string, send: Fetch = (path, init) => fetch(path, init)) {
    this.#name = name;
    this.#fetch = send;
  }

  /** Ends in what became of it; never rejects for want of an answer. @param asking calls when the question what became of it begins. */
  command(command: Command, key: IdempotencyKey, asking: () => void): Promise<CommandOutcome> {
    return deliver(command, key, {
      fetch: this.#fetch,
      headers: () => this.#headers(),
      pause: (ms) => new Promise((done) => setTimeout(done, ms)),
      asking,
    });
  }

  /** @throws ApiError `not_found` when there is no such run. */
  async getRun(run_id: number): Promise<RunAnswer> {
    return expectBody(RunAnswer, await this.#get(`/api/v1/runs/${run_id}`));
  }

  /** Newest first. @throws ApiError */
  async getRuns(query: {
    project?: string;
    type?: string;
    status?: string;
    before?: number;
    limit?: number;
  }): Promise<readonly RunAnswer[]> {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
    return expectBody(Runs, await this.#get(`/api/v1/runs?${search}`)).items;
  }

  async compare(project: string, from: string, to: string): Promise<Comparison> {
    const [p, a, b] = [project, from, to].map(encodeURIComponent);
    return expectBody(Commits, await this.#get(`/api/v1/projects/${p}/compare/${a}/${b}`));
  }

  logUrl(run_id: number): string {
    return `/api/v1/runs/${run_id}/log`;
  }

  /** Size of a run's log now; null when it has none. @throws ApiError */
  async logSize(run_id: number): Promise<number | null> {
    let response: Response;
    let text: string;
    try {
      // One byte, for the size in the answer's Content-Range: the server answers no HEAD.
      const headers = { ...this.#headers(), range: 'bytes=0-0' };
      response = await this.#fetch(this.logUrl(run_id), {
        headers,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        credentials: 'same-origin',
      });
      text = await response.text();
    } catch (cause) {
      throw new ApiError(0, 'no_answer', 'The server did not answer.', { cause });
    }
    if (response.status === 404) return null;
    const size = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    // A log without a byte has no first one: 416, `bytes */0`.
    if (size === undefined) throw problemOf({ status: response.status, body: parseOrNull(text) });
    return Number(size);
  }

  /** Bytes of a run's log. @throws ApiError */
  async logBytes(run_id: number, range: ByteRange): Promise<Uint8Array> {
    const headers = { ...this.#headers(), range: `bytes=${range.from}-${range.to - 1}` };
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await this.#fetch(this.logUrl(run_id), {
        headers,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        credentials: 'same-origin',
      });
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      throw new ApiError(0, 'no_answer', 'The server did not answer.', { cause });
    }
    if (response.status === 206) return bytes;
    if (response.status === 200) return bytes.subarray(range.from, range.to);
    throw problemOf({ status: response.status, body: parseOrNull(new TextDecoder().decode(bytes)) });
  }

  #get(path: string): ReturnType<typeof request> {
    return request(this.#fetch, path, { headers: this.#headers() });
  }

  #headers(): Record<string, string> {
    const name = this.#name();
    // A header holds latin-1 at best; names do not keep to it.
    return name === '' ? {} : { 'x-signalbox-actor': `local:${encodeURIComponent(name)}` };
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a problem document: `problemOf` then names the status alone.
    return null;
  }
}
