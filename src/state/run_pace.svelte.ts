/** How a run usually goes; asked for once. Without an answer, or without history, nothing is said of it: the elapsed time stands on the page anyway. */
import type { LogServer } from '../logview/log_server.ts';
import type { Pace } from '../shared/words/pace.ts';

const UNKNOWN: Pace = { usual: null, pause: null };

export class RunPace {
  #pace: Pace = $state.raw(UNKNOWN);
  readonly #run_id: number;
  readonly #server: Pick<LogServer, 'pace'>;

  constructor(run_id: number, server: Pick<LogServer, 'pace'>) {
    this.#run_id = run_id;
    this.#server = server;
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** Never rejects. */
  async ask(): Promise<void> {
    try {
      this.#pace = await this.#server.pace(this.#run_id);
    } catch {
      // A guess at how long it takes is not worth a word about why there is none.
    }
  }
}
