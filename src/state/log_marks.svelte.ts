/** Where a log says why it failed, and what folds in it, as far as the server has surveyed it. Asked again while it grows, at most every `EVERY_MS`. */
import type { LogServer } from '../logview/log_server.ts';
import type { MarksAnswer } from '../shared/protocol/run_log.ts';

export const MARKS_EVERY_MS = 2_000;

export type ErrorMark = MarksAnswer['errors']['items'][number];

export interface LogMarksDeps {
  run_id: number;
  server: Pick<LogServer, 'marks'>;
  /** ms of a clock that only goes on. */
  now(): number;
  /** @returns its undo. */
  after(ms: number, run: () => void): () => void;
}

export class LogMarks {
  readonly #deps: LogMarksDeps;
  #answer: MarksAnswer | null = $state.raw(null);
  #problem = $state.raw('');
  #asking: Promise<void> | null = null;
  #asked_at = -Infinity;
  #wanted = 0;
  #stopWaiting: (() => void) | null = null;
  #closed = false;

  constructor(deps: LogMarksDeps) {
    this.#deps = deps;
  }

  get errors(): readonly ErrorMark[] {
    return this.#answer?.errors.items ?? [];
  }
  /** Of the whole log; more than `errors` holds where there are very many. */
  get count(): number {
    return this.#answer?.errors.count ?? 0;
  }
  get sections(): MarksAnswer['sections'] {
    return this.#answer?.sections ?? [];
  }
  /** The whole finished log has been looked at. */
  get whole(): boolean {
    const answer = this.#answer;
    return answer?.closed === true && answer.surveyed >= answer.bytes;
  }
  get problem(): string {
    return this.#problem;
  }

  /** The log has this many bytes, or was closed. Resolves with the next answer. Never rejects; see `problem`. */
  async upTo(bytes: number, closed: boolean): Promise<void> {
    this.#wanted = Math.max(this.#wanted, bytes + (closed ? 1 : 0));
    if (this.#asking !== null) return this.#asking;
    if (this.#closed || this.#stopWaiting !== null || this.#has()) return;
    const wait = this.#asked_at + MARKS_EVERY_MS - this.#deps.now();
    if (wait > 0) {
      this.#stopWaiting = this.#deps.after(wait, () => {
        this.#stopWaiting = null;
        void this.upTo(0, false);
      });
      return;
    }
    this.#asking = this.#ask();
    await this.#asking;
    this.#asking = null;
    void this.upTo(0, false);
  }

  /** The next line with an error after `n`, or the one before it; null when there is none. */
  next(n: number, by: 1 | -1): ErrorMark | null {
    const { errors } = this;
    return (by === 1 ? errors.find((mark) => mark.n > n) : errors.findLast((mark) => mark.n < n)) ?? null;
  }

  has(n: number): boolean {
    return this.#lines.has(n);
  }
  readonly #lines = $derived(new Set(this.errors.map((mark) => mark.n)));

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }

  #has(): boolean {
    const answer = this.#answer;
    return answer !== null && this.#problem === '' && answer.surveyed + (answer.closed ? 1 : 0) >= this.#wanted;
  }

  async #ask(): Promise<void> {
    try {
      this.#answer = await this.#deps.server.marks(this.#deps.run_id);
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.#asked_at = this.#deps.now();
    }
  }
}
