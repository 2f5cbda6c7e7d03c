/** Recorder, rules, engine and sessions in worlds where everything may fail: one seed, one history. To see a world again, give its seed. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { install } from '../simulation/folders.ts';
import { World } from '../simulation/world.ts';
import type { FaultCase } from '../kit/case.ts';

/** Every so many seeds one is run a second time. */
const TWICE_EVERY = 50;
const VIOLATIONS_ENOUGH = 5;

async function traceElsewhere(seed: number): Promise<string> {
  const program = fileURLToPath(new URL('../simulation/trace_of.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(seed)]);
  return stdout.trim();
}

function processor_ms(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

export const faultCase: FaultCase = {
  name: 'Whatever fails, recorder, engine and sessions keep every promise, and the same seed gives the same trace',
  quick: 60,
  long: 10_000,
  red_runs: 400,
  deadline_ms: 2_700_000,
  async run({ runs, seed }) {
    install();
    const violations: string[] = [];
    const began = process.cpuUsage();
    let [steps, events, done] = [0, 0, 0];
    for (; done < runs && violations.length < VIOLATIONS_ENOUGH; done++) {
      const one = seed + done;
      const ended = await new World(one).run();
      steps += ended.steps;
      events += ended.events;
      if (ended.violation !== null) violations.push(ended.violation);
      else if (done % TWICE_EVERY === 0 && (await new World(one).run()).trace !== ended.trace)
        violations.push(`seed ${one}: another trace the second time`);
      else if (done === 0 && (await traceElsewhere(one)) !== ended.trace) violations.push(`seed ${one}: another trace in another process`);
    }
    const each = (of: number): string => (of / done).toFixed(0);
    return {
      runs: done,
      violations,
      figure: `${each(steps)} steps, ${each(events)} events and ${each(processor_ms(began))} ms of processor a seed`,
    };
  },
  guards: [
    {
      name: 'append before publish',
      file: 'server/recorder.ts',
      find: '      if (batch.commits.length > 0) await this.#deps.log.append(',
      replace:
        '      for (const { envelopes } of batch.commits) envelopes.forEach((each) => this.#publish(each));\n      if (batch.commits.length > 0) await this.#deps.log.append(',
    },
    {
      name: 'a start that is stored before anything acts',
      file: 'server/recorder.ts',
      find: '      if (batch.commits.length > 0) await this.#deps.log.append(',
      replace:
        '      for (const { listener } of [...this.#listeners]) listener(batch.head.state);\n      if (batch.commits.length > 0) await this.#deps.log.append(',
    },
    {
      name: 'a provisional state that is dropped when the append fails',
      file: 'server/recorder.ts',
      find: '    for (const each of asked) batch.take(each);\n',
      replace: '    for (const each of asked) batch.take(each);\n    this.#head = batch.head;\n',
    },
    {
      name: 'the index of keys',
      file: 'server/recorder/batch.ts',
      find: 'this.keys.get(intent.key) ?? this.#deps.known(intent.key)',
      replace: 'undefined as KeyEntry | undefined',
    },
    {
      name: 'settling at the start what was in flight',
      file: 'server/pipeline/engine/engine.ts',
      find: "    const facts = interruptedFacts(this.#deps.recording.state(), await this.#logsOf(), 'restart');\n",
      replace: "    const facts = interruptedFacts({ ...this.#deps.recording.state(), projects: [] }, await this.#logsOf(), 'restart');\n",
    },
    {
      name: 'offering a fact again',
      file: 'server/pipeline/engine/engine.ts',
      find: '        await this.#pause(STORE_AGAIN_MS);\n',
      replace: '        return;\n',
    },
    {
      name: 'one run after another on a lane',
      file: 'server/pipeline/engine/engine.ts',
      find: 'const before = this.#lanes.get(lane) ?? Promise.resolve();',
      replace: 'const before = Promise.resolve();',
    },
    {
      name: 'the first settlement',
      file: 'server/pipeline/decide_fact.ts',
      find: 'const run = openRun(project, run_id);',
      replace: 'const run = project.runs.find((each) => each.run_id === run_id);',
    },
    {
      name: 'the check of holds',
      file: 'src/shared/fold/can.ts',
      find: '  if (held !== undefined) return heldRefusal(version, held);',
      replace: '  if (held !== undefined && held === null) return heldRefusal(version, held);',
    },
    {
      name: 'the check of what the operator saw',
      file: 'src/shared/fold/can.ts',
      find: '  if (expect.version === actual.version && expect.sha === actual.sha) return null;\n',
      replace: '  if (expect.version.length > 0) return null;\n',
    },
    {
      name: 'the generation in fences',
      file: 'server/pipeline/engine/deploy_run.ts',
      find: 'generation: deps.generation',
      replace: 'generation: 1',
    },
    {
      name: 'run ids above those of the log store',
      file: 'server/pipeline/decide.ts',
      find: 'Math.max(state.last_run_id, run_id_floor)',
      replace: 'state.last_run_id',
    },
    {
      name: 'draining by number',
      file: 'server/gateway/tail.ts',
      find: '      if (missing < 0) continue;\n',
      replace: '',
    },
    {
      name: 'healing who fell out of the ring',
      file: 'server/gateway/event_feed.ts',
      find: "if (then.type === 'behind') await heal(then.missing);",
      replace: "if (then.type === 'behind') this.skipMissing();",
    },
    {
      name: 'the log before the end of its run',
      file: 'server/gateway/event_feed.ts',
      find: '        await this.lanes.drain(run_id);\n',
      replace: '',
    },
  ],
};
