/**
 * The matching lines of a log alone, with the lines around them. Their numbers are all asked for, from the first on, so that the last one is as near as the first;
 * what the lines say is loaded where they are looked at.
 */
import type { LogServer } from '../logview/log_server.ts';
import { HIT_LINES_SENT_MOST } from '../shared/protocol/log_bounds.ts';
import type { RowSource } from '../logview/row_source.ts';
import type { LogQuery } from '../shared/protocol/run_log.ts';

/** The first of them are not waited for longer than a search takes to find so many. */
const FIRST_ROWS = 500;
/** Numbers of lines kept; who wants more narrows the search. */
export const HIT_ROWS_MOST = 2_000_000;

export class HitRows implements RowSource {
  readonly #server: Pick<LogServer, 'hitLines'>;
  readonly #run_id: number;
  readonly #query: LogQuery;
  readonly #context: number;
  #lines: number[] = [];
  #known = $state.raw(0);
  #whole = $state.raw(false);
  #problem = $state.raw('');
  #loading = false;
  /** The log has grown since what is loaded was asked for. */
  #grown = false;
  #closed = false;

  constructor(server: Pick<LogServer, 'hitLines'>, run_id: number, query: LogQuery, context: number) {
    this.#server = server;
    this.#run_id = run_id;
    this.#query = query;
    this.#context = context;
  }

  get count(): number {
    return this.#known;
  }
  /** All matching lines are here. */
  get whole(): boolean {
    return this.#whole;
  }
  get full(): boolean {
    return this.#known >= HIT_ROWS_MOST;
  }
  get problem(): string {
    return this.#problem;
  }

  row(index: number): number {
    return this.#lines[index] ?? 1;
  }

  indexOf(n: number): number {
    let [low, high] = [0, this.#known];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] ?? 0) < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The log has grown: there may be more. */
  grown(): void {
    this.#whole = false;
    this.#grown = this.#loading;
    void this.load();
  }

  /** Asks for all that are not here; once more where that failed before. Never rejects; see `problem`. */
  async load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    this.#problem = '';
    try {
      while (!this.#closed && !this.#whole && !this.full) await this.#loadSome();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.#loading = false;
    }
    if (this.#grown && this.#problem === '') this.grown();
  }

  /** They are not shown any more. */
  close(): void {
    this.#closed = true;
  }

  async #loadSome(): Promise<void> {
    const from = this.#lines.length;
    const some = from === 0 ? FIRST_ROWS : HIT_LINES_SENT_MOST;
    const { numbers, rows } = await this.#server.hitLines(this.#run_id, this.#query, from, some, this.#context);
    for (const n of numbers) this.#lines.push(n);
    this.#known = this.#lines.length;
    this.#whole = this.#known >= rows || numbers.length === 0;
  }
}
