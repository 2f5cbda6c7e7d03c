/** The matching lines of a log alone, with the lines around them: loaded from the first on, more as the reader nears the end of what is here. */
import type { LogServer } from '../logview/log_server.ts';
import type { RowSource } from '../logview/row_source.ts';
import type { LogQuery } from '../shared/protocol/run_log.ts';

const ROWS_A_TIME = 500;
/** Numbers of lines kept; who wants more narrows the search. */
export const HIT_ROWS_MOST = 200_000;
/** More are asked for when the reader is this near to the end of those that are here. */
const AHEAD_ROWS = 200;

export class HitRows implements RowSource {
  readonly #server: Pick<LogServer, 'hits'>;
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
  /** The last row in view that was told. */
  #seen = 0;

  constructor(server: Pick<LogServer, 'hits'>, run_id: number, query: LogQuery, context: number) {
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
    void this.reach(this.#seen);
  }

  /** @param index the last row in view. Never rejects; see `problem`. */
  async reach(index: number): Promise<void> {
    this.#seen = index;
    if (this.#loading || this.#whole || this.full || index + AHEAD_ROWS < this.#known) return;
    this.#loading = true;
    this.#problem = '';
    try {
      const from = { row: this.#lines.length };
      const { items, rows } = await this.#server.hits(this.#run_id, this.#query, from, ROWS_A_TIME, this.#context);
      for (const { line } of items) this.#lines.push(line.n);
      this.#known = this.#lines.length;
      this.#whole = this.#known >= rows || items.length === 0;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.#loading = false;
    }
    if (this.#grown) this.grown();
  }
}
