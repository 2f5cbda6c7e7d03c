/**
 * Finding in one log. The server searches the whole of it, not what this page happens to have, and its counts are exact once it is done; until then they
 * are said to be "so far". The page keeps the number of matches and the few it goes to, so that a million matches cost no more than ten. A new
 * question ends the one before.
 */
import type { LogServer } from '../logview/log_server.ts';
import type { HitsAnswer, LogQuery, SearchFrame } from '../shared/protocol/run_log.ts';

export type FindStatus = 'idle' | 'searching' | 'done' | 'failed';

export interface LogFindDeps {
  run_id: number;
  server: Pick<LogServer, 'search' | 'hits'>;
  /** First line in view: the first match shown is at or after it. */
  from(): number;
  /** Shows line `n`. */
  goTo(n: number): void;
}

export const EMPTY_QUERY: LogQuery = { q: '', mode: 'text', case: 'ignore' };

export class LogFind {
  readonly #deps: LogFindDeps;
  #query: LogQuery = $state.raw(EMPTY_QUERY);
  #status: FindStatus = $state.raw('idle');
  #count = $state.raw(0);
  /** Share of the log that was searched, 0 to 1. */
  #share = $state.raw(0);
  #buckets: readonly number[] = $state.raw([]);
  #problem = $state.raw('');
  #at: { k: number; n: number } | null = $state.raw(null);
  #stop = new AbortController();
  /** The last step asked for; answers of earlier ones are late. */
  #steps = 0;
  /** The log has grown since the search that is under way began. */
  #grown = false;

  constructor(deps: LogFindDeps) {
    this.#deps = deps;
  }

  get query(): LogQuery {
    return this.#query;
  }
  get status(): FindStatus {
    return this.#status;
  }
  /** Matching lines, so far while searching. */
  get count(): number {
    return this.#count;
  }
  get share(): number {
    return this.#share;
  }
  /** Matching lines by place in the file; empty until it is done. */
  get buckets(): readonly number[] {
    return this.#buckets;
  }
  get problem(): string {
    return this.#problem;
  }
  /** The match that is shown: its number from 0, and its line. */
  get at(): { k: number; n: number } | null {
    return this.#at;
  }

  /** Looks for something else. Asked again for the same it searches anew. */
  ask(change: Partial<LogQuery>): void {
    this.#query = { ...this.#query, ...change };
    this.#reset('searching');
    this.#begin(true);
  }

  /** The log has grown: what has come since is searched, too. What is shown stays, until more is known. */
  refresh(): void {
    if (this.#status === 'searching') this.#grown = true;
    else if (this.#status === 'done') this.#begin(false);
  }

  /** The next match after the one shown, or the one before; from the last one in the log on to the first again. What could not be searched is searched again. */
  async step(by: 1 | -1): Promise<void> {
    if (this.#status === 'failed') return this.ask({});
    if (this.#count === 0) return;
    const at = this.#at;
    if (at === null) return this.#seek({ line: this.#deps.from() });
    const next = at.k + by;
    // Which is the last one is not known before all are.
    if (next < 0 && this.#status === 'searching') return;
    await this.#seek({ k: next < 0 ? this.#count - 1 : next });
  }

  /** Nothing is looked for any more. Idempotent. */
  close(): void {
    this.#stop.abort();
    this.#query = { ...this.#query, q: '' };
    this.#reset('idle');
  }

  /** @param anew the reader asked: they are led to a match. */
  #begin(anew: boolean): void {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#grown = false;
    if (this.#query.q === '') return this.#reset('idle');
    this.#run(this.#query, anew, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) this.#fail(error instanceof Error ? error.message : String(error), anew);
    });
  }

  async #run(query: LogQuery, anew: boolean, signal: AbortSignal): Promise<void> {
    let complete = false;
    for await (const frame of this.#deps.server.search(this.#deps.run_id, query, signal)) {
      if (signal.aborted) return;
      this.#take(frame, anew);
      complete ||= frame.type === 'done' || frame.type === 'error';
    }
    if (!complete) this.#fail('The answer broke off. Search again.', anew);
    else if (this.#grown) this.refresh();
  }

  #take(frame: SearchFrame, anew: boolean): void {
    switch (frame.type) {
      case 'hits': {
        const last = frame.items.at(-1);
        if (last === undefined) return;
        this.#count = Math.max(this.#count, last.k + 1);
        // Shown at once when it is below the first line in view; else when all is known.
        const first = frame.items.find(({ n }) => n >= this.#deps.from());
        if (anew && this.#at === null && first !== undefined) this.#show(first);
        return;
      }
      case 'progress':
        this.#count = Math.max(this.#count, frame.count);
        this.#share = frame.bytes === 0 ? 1 : frame.scanned / frame.bytes;
        return;
      case 'done':
        this.#count = frame.count;
        this.#share = 1;
        this.#buckets = frame.buckets;
        this.#status = 'done';
        this.#problem = '';
        if (anew && this.#at === null && frame.count > 0) void this.#seek({ line: this.#deps.from() });
        return;
      case 'error':
        this.#fail(frame.message, anew);
        return;
      default:
        frame satisfies never;
    }
  }

  async #seek(from: { k: number } | { line: number }): Promise<void> {
    const step = ++this.#steps;
    const { signal } = this.#stop;
    const hit = await this.#hit(from, signal);
    if (hit === null || signal.aborted || step !== this.#steps) return;
    this.#show(hit);
  }

  /** The match asked for; after the last one in the log, the first. The server knows which is the last one: the log may have grown. */
  async #hit(from: { k: number } | { line: number }, signal: AbortSignal): Promise<{ k: number; n: number } | null> {
    try {
      const hit = firstHit(await this.#deps.server.hits(this.#deps.run_id, this.#query, from, 1, 0));
      if (hit !== null) return hit;
      return firstHit(await this.#deps.server.hits(this.#deps.run_id, this.#query, { k: 0 }, 1, 0));
    } catch (error) {
      if (!signal.aborted) this.#problem = error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  #show(hit: { k: number; n: number }): void {
    this.#at = { k: hit.k, n: hit.n };
    this.#problem = '';
    this.#deps.goTo(hit.n);
  }

  /** What was found before stays. */
  #fail(message: string, anew: boolean): void {
    if (anew) this.#status = 'failed';
    this.#problem = message;
  }

  #reset(status: FindStatus): void {
    this.#status = status;
    this.#count = 0;
    this.#share = 0;
    this.#buckets = [];
    this.#problem = '';
    this.#at = null;
    this.#steps++;
  }
}

function firstHit({ items }: HitsAnswer): { k: number; n: number } | null {
  const hit = items.find(({ k }) => k !== null);
  return hit === undefined || hit.k === null ? null : { k: hit.k, n: hit.line.n };
}
