import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, type ProjectState, type State } from '../src/shared/fold/state.ts';
import { ProjectId } from '../src/shared/protocol/ids.ts';
import type { IndexedRun, RunQuery } from './http/run_index_port.ts';
import { PACE_RUNS_MOST, paceOf } from './run_pace.ts';

const gate = (run_id: number, over: Partial<Record<keyof IndexedRun, unknown>> = {}): IndexedRun =>
  ({ run_id, project: 'hello', type: 'gate', tier: 'host', gate: 'unit_tests', status: 'passed', ...over }) as IndexedRun;
const state = (durations: Record<string, number[]>): State => ({
  ...EMPTY_STATE,
  projects: [{ id: ProjectId.parse('hello'), durations } as unknown as ProjectState],
});

function index(runs: readonly IndexedRun[], pauses: Record<number, number>) {
  const asked: number[] = [];
  return {
    asked,
    runs: {
      list: ({ project, type, status, before, limit }: RunQuery) =>
        runs
          .filter((run) => run.project === project && run.type === type && run.status === status && run.run_id < (before ?? Infinity))
          .sort((a, b) => b.run_id - a.run_id)
          .slice(0, limit),
    },
    longestPause: async (run_id: number) => {
      asked.push(run_id);
      return pauses[run_id] ?? null;
    },
  };
}

test('without history nothing is guessed', async () => {
  expect(await paceOf(gate(5), EMPTY_STATE, index([], {}))).toEqual({ run_id: 5, usual: null, pause: null });
  expect(await paceOf(gate(5), state({ build: [3] }), index([gate(5)], { 5: 1000 }))).toEqual({ run_id: 5, usual: null, pause: null });
});

test('the usual time is that of the step, the run itself may be forgotten', async () => {
  const known = state({ 'gate:host/unit_tests': [4, 2, 9], build: [100] });
  expect((await paceOf(gate(5), known, index([], {}))).usual).toEqual({ p50_s: 4, p90_s: 9, runs: 3 });
  expect((await paceOf(gate(5, { type: 'build', tier: null, gate: null }), known, index([], {}))).usual).toMatchObject({ p50_s: 100 });
});

describe('the usual pause', () => {
  test('is that of earlier passed runs of the same step, as far as it is known', async () => {
    const runs = [
      gate(1),
      gate(2),
      gate(3, { status: 'failed' }),
      gate(4, { gate: 'lint' }),
      gate(5, { tier: 'staging' }),
      gate(6, { project: 'other' }),
      gate(7),
      gate(8),
      gate(9),
    ];
    const logs = index(runs, { 1: 2_000, 2: 40_000, 3: 1, 4: 1, 5: 1, 6: 1, 7: 6_500, 9: 1 });
    expect((await paceOf(gate(9), EMPTY_STATE, logs)).pause).toEqual({ usual_s: 6.5, runs: 3 });
    expect(logs.asked).toEqual([8, 7, 2, 1]);
  });

  test('is that of the last ones', async () => {
    const runs = Array.from({ length: 50 }, (_, at) => gate(at + 1));
    const logs = index(runs, Object.fromEntries(runs.map(({ run_id }) => [run_id, run_id * 1000])));
    expect((await paceOf(gate(51), EMPTY_STATE, logs)).pause).toEqual({ usual_s: 46, runs: PACE_RUNS_MOST });
  });
});
