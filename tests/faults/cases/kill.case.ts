/** kill -9 at random moments while people work, over and over on one data folder. */
import type { FaultCase } from '../kit/case.ts';
import { killAtRandom } from '../kit/killer.ts';

export const faultCase: FaultCase = {
  name: 'kill -9 at random moments under load loses nothing',
  quick: 2,
  long: 200,
  red_runs: 3,
  needs: 'proc',
  deadline_ms: 2_400_000,
  run: killAtRandom,
  guards: [
    {
      name: 'the key is stored in its commit',
      file: 'server/recorder/batch.ts',
      find: '...(key === null ? {} : { key }),',
      replace: '',
    },
    {
      name: 'what was in flight is settled as interrupted',
      file: 'server/pipeline/engine/engine.ts',
      find: "interruptedFacts(this.#deps.recording.state(), await this.#logsOf(), 'restart')",
      replace: '[] as ReturnType<typeof interruptedFacts>',
    },
  ],
};
