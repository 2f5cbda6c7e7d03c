import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProjectId, Version } from '../protocol/ids.ts';
import { putRun, runOf, withoutRuns } from './runs.ts';
import { Scratch } from './scratch.ts';
import type { ProjectState, Run } from './state.ts';
import { emptyProject } from './topology_slice.ts';

const EMPTY = emptyProject(ProjectId.parse('hello'));
const run = (run_id: number, attempt = 1): Run => ({
  run_id,
  type: 'build',
  version: Version.parse('1.0.0'),
  sha: null,
  tier: null,
  gate: null,
  gate_kind: null,
  node: null,
  attempt,
  status: 'running',
  started_at: '2026-11-14T02:03:11.004Z',
  ended_at: null,
  why: null,
  excerpt: [],
  cancelled: null,
  log: null,
  tests: null,
});
const ids = (project: ProjectState): number[] => project.runs.map(({ run_id }) => run_id);

/** What to do to a list of runs: put one, or drop one. */
const steps = fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 60 });

test('runs put and dropped in any order are found by number, and stand in its order', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (all, inScratch) => {
      const known = new Map<number, Run>();
      let project = EMPTY;
      const one = (step: () => void): void => (inScratch ? scratch.within(step) : step());
      const scratch = new Scratch();
      for (const [index, [run_id, drop]] of all.entries()) {
        const next = run(run_id, index);
        one(() => {
          project = drop ? withoutRuns(project, new Set([run_id])) : putRun(project, next);
        });
        if (drop) known.delete(run_id);
        else known.set(run_id, next);
        expect(ids(project)).toEqual([...known.keys()].sort((a, b) => a - b));
        for (let each = -1; each <= 31; each++) expect(runOf(project, each)).toBe(known.get(each));
      }
    }),
  );
});

test('a list that somebody else may hold is not changed', () => {
  const before = putRun(putRun(EMPTY, run(1)), run(3));
  const scratch = new Scratch();
  const after = scratch.within(() => withoutRuns(putRun(putRun(before, run(2)), run(3, 2)), new Set([1])));
  expect(ids(before)).toEqual([1, 3]);
  expect(runOf(before, 3)?.attempt).toBe(1);
  expect(ids(after)).toEqual([2, 3]);
  const later = putRun(after, run(9));
  expect(ids(after)).toEqual([2, 3]);
  expect(ids(later)).toEqual([2, 3, 9]);
});

test('no number and no project have no run', () => {
  expect(runOf(EMPTY, undefined)).toBeUndefined();
  expect(runOf(EMPTY, null)).toBeUndefined();
  expect(runOf(undefined, 1)).toBeUndefined();
});
