/** The recorder over a log that fails now and then, with retries, restarts and a clock that jumps: what must hold whatever happens. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import { Command } from '../../src/shared/protocol/commands.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { ProjectId, Sha } from '../../src/shared/protocol/ids.ts';
import { memoryEventLog } from '../eventlog/memory.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';
import type { Intent } from '../pipeline/intent.ts';
import { Recorder } from '../recorder.ts';
import { systemRandom } from '../uuid.ts';

type Operation =
  | { do: 'command'; key: number }
  | { do: 'fact' }
  | { do: 'turn' }
  | { do: 'fail'; on: boolean }
  | { do: 'clock'; by: number }
  | { do: 'restart' };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('command' as const), key: fc.nat({ max: 9 }) }) },
  { weight: 5, arbitrary: fc.constant({ do: 'fact' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: -5_000, max: 5_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

const project = ProjectId.parse('hello');
const event = { kind: 'build_aborted', sha_aborted: Sha.parse('a'.repeat(40)) } as const;
const fact: Intent = { type: 'fact', fact: { fact: 'events', project, events: [event, event] }, actor: 'system:pipeline' };
const commandOf = (key: number): Intent => ({
  type: 'command',
  command: Command.parse({ command: 'rebuild', project }),
  actor: 'local:ana',
  key: `k${key}`,
  body_hash: 'b',
});
const fold = (state: State, envelope: Envelope): State => ({ ...state, seq_no: envelope.seq_no, activity: [...state.activity, envelope] });

test('published is what is stored, without a hole; each key is done once; time does not run backwards', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const log = memoryEventLog();
      const append = log.append.bind(log);
      let fails = false;
      log.append = async (...args: Parameters<EventLog['append']>) => {
        await Promise.resolve();
        if (fails) throw new LogError('full', 'no room');
        await append(...args);
      };
      let now_ms = 1_000_000;
      const published: Envelope[] = [];
      const answers = new Map<string, number>();
      const outcomes: Promise<void>[] = [];
      const boot = (): Promise<Recorder> =>
        Recorder.open({
          log,
          clock: { now: () => now_ms, steady: () => now_ms, wakeAt: () => () => undefined, after: () => () => undefined },
          random: systemRandom,
          decide: (intent) =>
            intent.type === 'command'
              ? { type: 'events', drafts: [{ project, event }] }
              : { type: 'events', drafts: [event, event].map((each) => ({ project, event: each })) },
          fold,
          publish: (envelope) => void published.push(envelope),
          initial: EMPTY_STATE,
          report: () => undefined,
        });
      let recorder = await boot();
      const record = (intent: Intent): void => {
        const asked = recorder.record(intent).then(
          (answer) => {
            const name = intent.type === 'command' ? String(intent.key) : `fact ${outcomes.length}`;
            if (answer !== null) expect(answers.get(name) ?? answer.seq_no).toBe(answer.seq_no);
            if (answer !== null && intent.type === 'command') answers.set(name, answer.seq_no);
          },
          (error: unknown) => expect(error).toBeInstanceOf(Failure),
        );
        outcomes.push(asked);
      };
      for (const step of operations) {
        if (step.do === 'command') record(commandOf(step.key));
        else if (step.do === 'fact') record(fact);
        else if (step.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
        else if (step.do === 'fail') fails = step.on;
        else if (step.do === 'clock') now_ms += step.by;
        else {
          await recorder.close();
          recorder = await boot();
        }
      }
      await recorder.close();
      await Promise.all(outcomes);
      const { envelopes } = await log.read(0, 1000);
      expect(published).toEqual(envelopes);
      expect(recorder.state().activity).toEqual(envelopes);
      expect(envelopes.map(({ seq_no }) => seq_no)).toEqual(envelopes.map((_, index) => index + 1));
      const times = envelopes.map(({ at }) => at);
      expect(times).toEqual(times.toSorted());
      const keys = envelopes.flatMap(({ key }) => (key === undefined ? [] : [key]));
      expect(keys.toSorted()).toEqual([...answers.keys()].toSorted());
    }),
    { numRuns: 100 },
  );
});
