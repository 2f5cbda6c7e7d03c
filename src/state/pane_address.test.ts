import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moved, paneAddress, paneParams, type PaneAddress } from './pane_address.ts';
import { PANES_MOST } from './pane_runs.ts';
import { panesPath, placeOf } from './paths.ts';

const read = (search: string): PaneAddress => {
  const params = new URLSearchParams(search);
  return paneAddress((name) => params.get(name));
};

test('a place of its own, whatever stands behind ?', () => {
  expect(placeOf('/panes')).toEqual({ view: 'panes' });
  expect(placeOf('/panes/')).toEqual({ view: 'panes' });
  expect(placeOf('/panes/12')).toEqual({ view: 'not_found' });
  expect(panesPath([12, 13])).toBe('/panes?runs=12,13');
});

describe('an address', () => {
  test('names runs in their order, a layout, and whether they keep the same time', () => {
    expect(read('runs=14,12,13&layout=rows&time=own')).toEqual({ runs: [14, 12, 13], layout: 'rows', same_time: false, left_out: [] });
    expect(read('runs=7')).toEqual({ runs: [7], layout: 'tiles', same_time: true, left_out: [] });
    expect(read('')).toEqual({ runs: [], layout: 'tiles', same_time: true, left_out: [] });
  });

  test.each([
    ['runs=12,12', [12], ['Run 12 is named more than once and shown once.']],
    ['runs=12,13,12,13,13', [12, 13], ['Runs 12 and 13 are named more than once and shown once.']],
    ['runs=abc,12', [12], ['“abc” is not the number of a run.']],
    ['runs=0,-1,1.5,012,99999999999999999999', [], ['“0” and 4 more are not numbers of runs.']],
    [`runs=${'x'.repeat(500)}`, [], [`“${'x'.repeat(20)}…” is not the number of a run.`]],
    ['runs=1,2,3,4,5,6,7,8,9,10', [1, 2, 3, 4, 5, 6, 7, 8, 9], ['9 runs fit side by side: run 10 is left out.']],
    [
      'runs=1,2,3,4,5,6,7,8,9,10,11,12,13,14',
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      ['9 runs fit side by side: runs 10, 11, 12 and 2 more are left out.'],
    ],
    ['runs=1&layout=round', [1], ['There is no layout “round”: these are tiles.']],
    ['runs=,, 3 ,', [3], []],
  ])('%s', (search, runs, left_out) => expect(read(search)).toMatchObject({ runs, left_out }));

  test('of any text gives at most nine different runs, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), fc.option(fc.string()), (runs, layout, time) => {
        const given: Record<string, string | null> = { runs, layout, time };
        const address = paneAddress((name) => given[name] ?? null);
        expect(address.runs.length).toBeLessThanOrEqual(PANES_MOST);
        expect(new Set(address.runs).size).toBe(address.runs.length);
        expect(address.runs.every((run_id) => Number.isSafeInteger(run_id) && run_id > 0)).toBe(true);
      }),
    );
  });

  test('written and read again is the same; what is as usual is not written', () => {
    const address = fc.record({
      runs: fc.uniqueArray(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: PANES_MOST }),
      layout: fc.constantFrom('tiles' as const, 'columns' as const, 'rows' as const),
      same_time: fc.boolean(),
    });
    fc.assert(
      fc.property(address, (given) => {
        const params = paneParams(given);
        expect(paneAddress((name) => params[name] ?? null)).toEqual({ ...given, left_out: [] });
      }),
    );
    expect(paneParams({ layout: 'tiles', same_time: true })).toEqual({ layout: null, time: null });
  });
});

test.each([
  [[1, 2, 3], 1, 1, [2, 1, 3]],
  [[1, 2, 3], 3, 0, [3, 1, 2]],
  [[1, 2, 3], 1, 9, [2, 3, 1]],
  [[1, 2, 3], 1, -1, [1, 2, 3]],
  [[1, 2, 3], 4, 0, [1, 2, 3]],
])('%j: %d to index %d', (runs, run_id, to, after) => expect(moved(runs, run_id, to)).toEqual(after));
