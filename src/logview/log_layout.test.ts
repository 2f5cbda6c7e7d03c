import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barHeight,
  BAR_MAX_PX,
  barOf,
  bottom,
  isExact,
  placeOf,
  TOP,
  topOf,
  walked,
  within,
  type Anchor,
  type Lines,
} from './log_layout.ts';

const plain = (count: number): Lines => ({ count, rowsOf: null, rows_a_line: 1, row_px: 18, viewport_px: 600 });
/** Line i wraps to 1 to 4 rows. */
const wrapped = (count: number): Lines => ({ ...plain(count), rowsOf: (index) => 1 + ((index * 7919) % 4), rows_a_line: 2.5 });
const lines = fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.boolean()).map(([count, wrap]) => (wrap ? wrapped(count) : plain(count)));

/** Screen rows from the first, the slow way. */
function rowNumber({ rowsOf }: Lines, { index, part }: Anchor): number {
  let rows = part;
  for (let i = 0; i < index; i++) rows += rowsOf?.(i) ?? 1;
  return rows;
}
const total = (all: Lines): number => rowNumber(all, { index: all.count, part: 0, y: 0 });

test('walking goes as many rows as there are, and the y goes with them', () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.integer({ min: -9_000, max: 9_000 }), (all, at, rows) => {
      const from = { index: at % all.count, part: 0, y: 5 };
      const to = walked(all, from, rows);
      const row = rowNumber(all, from) + rows;
      expect(rowNumber(all, to)).toBe(Math.max(0, Math.min(total(all) - 1, row)));
      expect(to.y - from.y).toBe((rowNumber(all, to) - rowNumber(all, from)) * 18);
    }),
  );
});

test('a place within shows neither emptiness above the first line nor below the last, and is not moved without need', () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.integer({ min: -5_000, max: 5_000 }), (all, at, y) => {
      const given = { index: at % all.count, part: 0, y };
      const placed = within(all, given);
      const first = placed.y - rowNumber(all, placed) * 18;
      const end = first + total(all) * 18;
      expect(first).toBeLessThanOrEqual(0);
      expect(end >= 600 || first === 0).toBe(true);
      const wanted = given.y - rowNumber(all, given) * 18;
      if (wanted <= 0 && wanted + total(all) * 18 >= 600) expect(first).toBe(wanted);
    }),
  );
});

test('held within, it is still told by the row that was given, where that is in view', () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.integer({ min: 0, max: 590 }), (all, at, y) => {
      const given = { index: at % all.count, part: 0, y };
      const placed = within(all, given);
      if (placed.index !== given.index)
        expect(Math.abs(rowNumber(all, given) * 18 - (rowNumber(all, placed) * 18 - placed.y) - 300)).toBeGreaterThan(280);
    }),
  );
});

describe('the bar', () => {
  test.each([plain(1_000), wrapped(1_000), plain(10_000_000), wrapped(10_000_000)])('goes from the first line to the last', (all) => {
    const max = barHeight(all) - all.viewport_px;
    expect(barHeight(all)).toBeLessThanOrEqual(BAR_MAX_PX);
    expect(placeOf(all, 0, max)).toEqual({ index: 0, part: 0, y: 0 });
    expect(barOf(all, TOP, max)).toBe(0);
    expect(barOf(all, bottom(all), max)).toBeCloseTo(max);
    const end = topOf(all, placeOf(all, max, max));
    expect([end.index, end.part]).toEqual([bottom(all).index, bottom(all).part]);
  });

  test('and there and back again is the same place', () => {
    fc.assert(
      fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const max = Math.max(0, barHeight(all) - all.viewport_px);
        const place = within(all, placeOf(all, part * max, max));
        const bar = barOf(all, place, max);
        if (isExact(all)) expect(bar).toBeCloseTo(part * max);
        else if (bar > 600 && bar < max - 600) expect(Math.abs(bar - part * max)).toBeLessThan(1);
      }),
    );
  });
});

test('a log of ten million lines costs no more than its screen', () => {
  let asked = 0;
  const all = wrapped(10_000_000);
  const counting = { ...all, rowsOf: (index: number) => (asked++, all.rowsOf!(index)) };
  const place = within(counting, placeOf(counting, 7_000_000, BAR_MAX_PX - 600));
  expect(place.index).toBeGreaterThan(4_000_000);
  expect(asked).toBeLessThan(500);
});
