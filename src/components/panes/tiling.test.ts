import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PANE_WIDTH_LEAST_PX, tiling, type Tiling } from './tiling.ts';

/** Panes in each row, as the grid lays them out. */
function rowsOf({ columns, spans }: Tiling): number[] {
  const rows: number[] = [];
  let room = 0;
  for (const span of spans) {
    if (span > room) {
      rows.push(0);
      room = columns;
    }
    rows.push((rows.pop() ?? 0) + 1);
    room -= span;
  }
  return rows;
}

test.each([
  [1, 1392, 'tiles', [1]],
  [2, 1392, 'tiles', [2]],
  [3, 1392, 'tiles', [3]],
  [4, 1392, 'tiles', [2, 2]],
  [5, 1392, 'tiles', [3, 2]],
  [7, 1392, 'tiles', [3, 2, 2]],
  [9, 1872, 'tiles', [3, 3, 3]],
  [5, 976, 'tiles', [2, 2, 1]],
  [3, 358, 'tiles', [1, 1, 1]],
  [4, 1872, 'columns', [4]],
  [4, 1392, 'columns', [4]],
  [9, 1392, 'columns', [3, 3, 3]],
  [3, 1872, 'rows', [1, 1, 1]],
] as const)('%d panes on %d px as %s', (count, width, layout, rows) => expect(rowsOf(tiling(count, width, layout))).toEqual(rows));

test('every row is filled, no pane is too narrow where there is room, rows differ by one pane at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 5000 }),
      fc.constantFrom('tiles' as const, 'columns' as const, 'rows' as const),
      (count, width, layout) => {
        const plan = tiling(count, width, layout);
        const rows = rowsOf(plan);
        expect(plan.spans).toHaveLength(count);
        expect(plan.spans.reduce((sum, span) => sum + span, 0)).toBe(plan.columns * plan.rows);
        expect(rows).toHaveLength(plan.rows);
        expect(Math.max(...rows) - Math.min(...rows)).toBeLessThanOrEqual(1);
        expect(Math.max(...rows) === 1 || width / Math.max(...rows) >= PANE_WIDTH_LEAST_PX).toBe(true);
      },
    ),
  );
});
