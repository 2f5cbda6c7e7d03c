/** What the whole log says, folded from its beginning by nobody but this: what a server must say whatever it started from. */
import type { EventLog } from '../../../server/eventlog/port.ts';
import { RunMemory } from '../../../server/run_index.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';

const COMMITS_AT_A_TIME = 500;

export class WholeFold {
  state: State = EMPTY_STATE;
  readonly runs = new RunMemory();

  /** @param upto seq_no of the last envelope to fold. */
  async follow(log: EventLog, upto: number): Promise<void> {
    while (this.state.seq_no < upto) {
      for (const { envelopes } of await log.readCommits(this.state.seq_no, COMMITS_AT_A_TIME)) {
        for (const envelope of envelopes) {
          if (envelope.seq_no > upto) return;
          this.state = fold(this.state, envelope);
          this.runs.observe(this.state);
        }
      }
    }
  }
}
