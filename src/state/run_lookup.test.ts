import { expect, test } from 'vitest';
import { ApiError } from '../transport/http_json.ts';
import type { RunAnswer } from '../transport/run_answer.ts';
import type { App } from './context.ts';
import { ASK_AGAIN_MS, RunLookup } from './run_lookup.svelte.ts';

const RUN = { run_id: 12, project: 'hello' } as unknown as RunAnswer;

function looking(answers: (() => Promise<RunAnswer>)[]): { lookup: RunLookup; timers: { ms: number; run: () => void }[] } {
  let timers: { ms: number; run: () => void }[] = [];
  const app = {
    dashboard: { ready: true, state: { projects: [] } },
    api: { getRun: () => answers.shift()?.() ?? Promise.reject(new Error('asked too often')) },
  } as unknown as App;
  const lookup = new RunLookup(12, app, {
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
  });
  return {
    lookup,
    get timers() {
      return timers;
    },
  };
}
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('silence does not say that there is no such run: it is asked again', async () => {
  const silence = (): Promise<RunAnswer> => Promise.reject(new ApiError(0, 'no_answer', 'The server did not answer.'));
  const scene = looking([silence, () => Promise.resolve(RUN)]);
  scene.lookup.ask();
  scene.lookup.ask();
  await answered();
  expect([scene.lookup.missing, scene.lookup.problem, scene.lookup.run]).toEqual(['', 'The server did not answer.', null]);
  expect(scene.timers.map(({ ms }) => ms)).toEqual([ASK_AGAIN_MS]);
  scene.timers[0]?.run();
  await answered();
  expect([scene.lookup.run, scene.lookup.project_id]).toEqual([RUN, 'hello']);
});

test('an answer that there is none holds', async () => {
  const scene = looking([() => Promise.reject(new ApiError(404, 'not_found', 'There is no run 12.'))]);
  scene.lookup.ask();
  await answered();
  scene.lookup.ask();
  expect([scene.lookup.missing, scene.timers]).toEqual(['There is no run 12.', []]);
});

test('left, it asks no more', async () => {
  const scene = looking([() => Promise.reject(new Error('The server did not answer.'))]);
  scene.lookup.ask();
  await answered();
  scene.lookup.close();
  expect(scene.timers).toEqual([]);
});
