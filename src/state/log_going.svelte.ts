/** Going to a place in a log that the reader names: a line, a time, a share of it. The line is chosen, so that it is seen where it stands and the address leads to it. */
import type { LogBook } from '../logview/log_book.ts';
import { placeAsked, PLACES_IN_WORDS } from '../logview/place_asked.ts';

export interface LogGoingDeps {
  book: Pick<LogBook, 'lines' | 'place'>;
  /** Start of the run, ms since the epoch. */
  start(): number;
  /** Chooses line `n` and shows it. */
  show(n: number): void;
  /** It is asked for no more: the log has the keys again. */
  ended(): void;
}

export class LogGoing {
  readonly #deps: LogGoingDeps;
  #open = $state.raw(false);
  #problem = $state.raw('');

  constructor(deps: LogGoingDeps) {
    this.#deps = deps;
  }

  /** It is asked where to go. */
  get open(): boolean {
    return this.#open;
  }
  /** Why the last answer led nowhere; '' otherwise. */
  get problem(): string {
    return this.#problem;
  }

  ask(): void {
    this.#open = true;
    this.#problem = '';
  }

  /** @returns whether it was asked. */
  end(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#deps.ended();
    return true;
  }

  /** Never rejects; see `problem`. */
  async go(text: string): Promise<void> {
    const { book } = this.#deps;
    const asked = placeAsked(text, { start: this.#deps.start(), lines: book.lines });
    if (asked === null) return this.#fail(PLACES_IN_WORDS);
    if (book.lines === 0) return this.#fail('The log has no line yet.');
    try {
      const n = asked.type === 'line' ? asked.n : await book.place({ at: asked.at });
      if (this.end()) this.#deps.show(n ?? book.lines);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #fail(problem: string): void {
    this.#problem = problem;
  }
}
