import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from '../src/shared/fold/fold.ts';
import { runOf } from '../src/shared/fold/runs.ts';
import { EMPTY_STATE } from '../src/shared/fold/state.ts';
import type { Run, State } from '../src/shared/fold/state.ts';
import { ProjectId } from '../src/shared/protocol/ids.ts';
import { given } from './pipeline/given.ts';
import { HOST } from './pipeline/given_line.ts';
import { start, walk } from './pipeline/walk.ts';
import { steps } from './pipeline/walk_steps.ts';
import { RunMemory } from './run_index.ts';

const RUNS_KEPT = 20_000;

/** As the server does it: once after each commit. */
function followed(story: (tell: (step: () => unknown) => void, line: ReturnType<typeof given>) => void): { runs: RunMemory; state: State } {
  const runs = new RunMemory();
  const line = given(HOST);
  story((step) => (step(), runs.observe(line.state)), line);
  return { runs, state: line.state };
}

describe('a run', () => {
  test('is found by its number as it is now, with its project', () => {
    const { runs, state } = followed((tell, line) => {
      tell(() => line.push('a1'));
      expect(runOf(line.project, 1)?.status).toBe('running');
      tell(() => line.buildPassed());
    });
    expect(runs.get(1)).toEqual({ ...runOf(state.projects[0], 1), project: 'hello' });
    expect(runs.get(1)?.status).toBe('passed');
    expect(runs.get(99)).toBeNull();
  });

  test('stays as it was last seen when the state has dropped it', () => {
    const { runs, state } = followed((tell, line) => {
      for (let n = 0; n < 60; n++) {
        tell(() => line.push((0x10_0000 + n).toString(16)));
        tell(() => line.buildEnded({ status: 'failed', classification: { type: 'exit_code', code: 1 } }));
      }
    });
    expect(runOf(state.projects[0], 1)).toBeUndefined();
    expect(runs.get(1)).toMatchObject({ run_id: 1, status: 'failed', project: 'hello' });
  });
});

/** Two projects whose runs are the even and the odd numbers. */
function many(count: number): { runs: RunMemory; state: State } {
  const { state } = followed((tell, line) => tell(() => line.push('a1')));
  const [project] = state.projects;
  const build = runOf(project, 1);
  if (project === undefined || build === undefined) throw new Error('there is no run to copy');
  const of = (parity: number): Run[] =>
    Array.from({ length: count }, (_, index) => index + 1)
      .filter((id) => id % 2 === parity)
      .map((id) => ({ ...build, run_id: id, type: id % 3 === 0 ? 'gate' : 'build', status: id % 5 === 0 ? 'failed' : 'passed' }));
  const both = {
    ...state,
    projects: [
      { ...project, runs: of(1) },
      { ...project, id: ProjectId.parse('other'), runs: of(0) },
    ],
  };
  const runs = new RunMemory();
  runs.observe(both);
  return { runs, state: both };
}

describe('the list', () => {
  const { runs } = many(30);
  const ids = (query: Parameters<RunMemory['list']>[0]): number[] => runs.list(query).map((run) => run.run_id);

  test('is newest first over all projects, at most as many as asked for', () => {
    expect(ids({ limit: 4 })).toEqual([30, 29, 28, 27]);
  });

  test.each([
    ['project', { project: ProjectId.parse('other') }, [30, 28, 26]],
    ['type', { type: 'gate' as const }, [30, 27, 24]],
    ['status', { status: 'failed' as const }, [30, 25, 20]],
    ['what lies before', { before: 10 }, [9, 8, 7]],
    ['all of them', { project: ProjectId.parse('hello'), type: 'gate' as const, status: 'failed' as const, before: 30 }, [15]],
  ])('can be narrowed by %s', (_what, query, expected) => {
    expect(ids({ ...query, limit: 3 })).toEqual(expected);
  });
});

test('beyond the bound the oldest are forgotten, and one that changes is not forgotten for it', () => {
  const { runs, state } = many(RUNS_KEPT);
  const [first] = state.projects;
  const run = runOf(first, 3);
  if (first === undefined || run === undefined) throw new Error('there is no such run');
  const more = [...first.runs.with(1, { ...run, status: 'cancelled' as const }), { ...run, run_id: 20_001 }];
  runs.observe({ ...state, seq_no: state.seq_no + 1_000, activity: [], projects: [{ ...first, runs: more }] });
  expect(runs.get(1)).toBeNull();
  expect(runs.get(2)).not.toBeNull();
  expect(runs.get(3)?.status).toBe('cancelled');
  expect(runs.list({ limit: RUNS_KEPT + 1 })).toHaveLength(RUNS_KEPT);
});

test('looking at what an event names misses no run that has changed, however many events come between two looks', () => {
  fc.assert(
    fc.property(fc.nat(3), steps, fc.integer({ min: 1, max: 9 }), (releases, walked, between) => {
      const line = start(releases);
      walk(line, walked, () => undefined);
      const runs = new RunMemory();
      let state = EMPTY_STATE;
      for (const [index, envelope] of line.log.entries()) {
        state = fold(state, envelope);
        if ((index + 1) % between !== 0) continue;
        runs.observe(state);
        for (const { id, runs: now } of state.projects)
          for (const run of now) expect(runs.get(run.run_id)).toEqual({ ...run, project: id });
      }
    }),
    { numRuns: 20 },
  );
});
