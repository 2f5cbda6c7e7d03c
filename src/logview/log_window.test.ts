import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BAR_MAX_PX } from './log_layout.ts';
import type { RowSource } from './row_source.ts';
import { LoadedBook, WindowScene } from './window_for_tests.svelte.ts';

const SIZES = [3, 40, 2_000, 10_000_000];
const ROW = 18;

function scene(lines: number, wrap: boolean): WindowScene {
  const made = new WindowScene(new LoadedBook(lines));
  made.wrap = wrap;
  made.settle();
  return made;
}

describe.each([false, true])('with wrapping: %s', (wrap) => {
  test.each(SIZES)('of %d lines the end is followed', (lines) => {
    const { book, view } = scene(lines, wrap);
    expect(view.following).toBe(true);
    expect(view.visible.last).toBe(book.lines);
  });

  test('rows beyond the screen are drawn for scrolling, and hardly any for who follows a log that is written', () => {
    const book = new LoadedBook(2_000);
    const made = new WindowScene(book);
    made.wrap = wrap;
    made.settle();
    const { view } = made;
    const above = (): number => view.rows.length - Math.ceil(view.viewport_px / view.row_px);
    expect(above()).toBeLessThanOrEqual(4);
    book.closed = true;
    made.changed();
    expect(above()).toBeGreaterThanOrEqual(12);
    book.closed = false;
    view.moveBy(-ROW);
    made.settle();
    expect(above()).toBeGreaterThanOrEqual(12);
  });

  test.each(SIZES.slice(1))('of %d lines the bar goes from the first to the last', (lines) => {
    const made = scene(lines, wrap);
    expect(made.view.height_px).toBeLessThanOrEqual(BAR_MAX_PX);
    made.drag(0);
    expect(made.view.visible.first).toBe(1);
    expect(made.yOf(1)).toBeCloseTo(0);
    made.drag(made.max);
    expect(made.view.visible.last).toBe(lines);
    expect(made.below).toBeCloseTo(0);
    expect(made.view.following).toBe(true);
  });

  test('it stays with the line that is looked at, whatever comes and loads around it; only the reader moves it', () => {
    type Op = { do: 'scroll' | 'drag' | 'jump' | 'width' | 'height'; by: number } | { do: 'append' | 'load' | 'wrap' | 'rest' | 'note' };
    const op: fc.Arbitrary<Op> = fc.oneof(
      fc.record({
        do: fc.constantFrom('scroll' as const, 'scroll' as const, 'drag' as const, 'jump' as const),
        by: fc.integer({ min: -900, max: 900 }),
      }),
      fc.record({ do: fc.constantFrom('width' as const, 'height' as const), by: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ do: fc.constantFrom('append' as const, 'load' as const, 'wrap' as const, 'rest' as const, 'note' as const) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...SIZES.slice(2)), fc.array(op, { maxLength: 40 }), (lines, ops) => {
        const loaded = new Set<number>();
        const book = new LoadedBook(lines, (n) => loaded.has(n));
        const made = new WindowScene(book);
        const { view } = made;
        made.wrap = wrap;
        made.settle();
        view.goTo(Math.floor(lines / 2));
        made.settle();
        for (const each of ops) {
          const n = made.anchor;
          const before = made.yOf(n);
          const following = view.following;
          let moved = 0;
          switch (each.do) {
            case 'scroll': {
              // As far as the bar goes: a browser moves it no further.
              const to = Math.min(made.max, Math.max(0, made.top + each.by));
              moved = made.top - to;
              made.scroll(to);
              break;
            }
            case 'drag':
              made.drag(((each.by + 900) / 1_800) * made.max);
              continue;
            case 'jump': {
              const to = 1 + Math.floor(((each.by + 900) / 1_800) * (book.lines - 1));
              view.goTo(to);
              made.settle();
              const y = made.yOf(to);
              if (to > 100 && to < book.lines - 100) expect(y).toBeCloseTo(Math.floor(view.viewport_px / 3 / ROW) * ROW);
              else expect(y).not.toBeNull();
              continue;
            }
            case 'width':
              view.width_px = 400 + each.by;
              made.settle();
              break;
            case 'height':
              view.viewport_px = 300 + each.by;
              made.settle();
              break;
            case 'append':
              book.lines += 7;
              made.changed();
              break;
            case 'load':
              for (const row of view.rows) if (row.type !== 'note') loaded.add(row.n);
              made.changed();
              break;
            case 'note':
              made.notes = 1 - made.notes;
              made.settle();
              break;
            case 'rest':
              made.rest();
              break;
            case 'wrap':
              made.wrap = !made.wrap;
              made.settle();
              break;
            default:
              each satisfies never;
          }
          // Never emptiness, and the bar within its bounds.
          expect(made.below).toBeLessThanOrEqual(0.001);
          expect(view.rows.length).toBeLessThan(70);
          if (view.following) expect(made.below).toBeCloseTo(0);
          if (following || view.following || view.visible.first === 1 || n === 0 || before === null) continue;
          // Where it wraps elsewhere the line looked at is the one the window holds on to.
          if (each.do === 'width' || each.do === 'wrap' || each.do === 'height') continue;
          if (each.do === 'load' && made.wrap) continue;
          // Where a row at the end in view goes, those above it follow.
          if (each.do === 'note' && made.notes === 0 && view.visible.last === book.lines) continue;
          const after = made.yOf(n);
          if (after === null) expect(Math.abs(moved)).toBeGreaterThan(0);
          else expect(after).toBeCloseTo(before + moved);
        }
      }),
      {
        numRuns: 300,
        examples: [
          // The bar ends a pixel before the scroll does, and no line 1 is there.
          [2_000, [{ do: 'jump', by: -853 }, { do: 'load' }, { do: 'scroll', by: -829 }]],
          // The end comes into view where more is shown, and moves on.
          [2_000, [{ do: 'height', by: 0 }, { do: 'jump', by: 880 }, { do: 'height', by: 223 }, { do: 'append' }]],
        ],
      },
    );
  }, 60_000);

  test('pages that load around a line that was jumped to do not move it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 9_999_000 }), fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 60 }), (n, order) => {
        const loaded = new Set<number>();
        const made = new WindowScene(new LoadedBook(10_000_000, (line) => loaded.has(line)));
        made.wrap = wrap;
        made.settle();
        made.view.goTo(n);
        made.settle();
        for (const by of order) {
          loaded.add(n + by);
          made.changed();
          expect(made.yOf(n)).toBeCloseTo(198);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a toggle of wrapping and another width keep the line', () => {
    const made = scene(2_000, wrap);
    made.view.goTo(1_000);
    for (const width of [300, 1_200, 500]) {
      made.view.width_px = width;
      made.settle();
      expect(made.yOf(1_000)).toBeCloseTo(198);
      made.wrap = !made.wrap;
      made.settle();
      expect(made.yOf(1_000)).toBeCloseTo(198);
    }
  });

  test('scrolled up step by step it reaches the first line, and down again the last', () => {
    const made = scene(300, wrap);
    for (let i = 0; i < 2_000 && made.view.visible.first > 1; i++) made.scroll(made.top - 37);
    for (let i = 0; i < 10; i++) made.scroll(made.top - 37);
    expect(made.yOf(1)).toBeCloseTo(0);
    expect(made.top).toBeCloseTo(0);
    for (let i = 0; i < 2_000 && !made.view.following; i++) made.scroll(made.top + 37);
    expect(made.view.following).toBe(true);
    expect(made.top).toBeCloseTo(made.max);
  });
});

test('lines that were there before the end was left are not new when they come', () => {
  const book = new LoadedBook(0);
  book.will_come = 50;
  const made = new WindowScene(book);
  made.view.goTo(1);
  made.settle();
  book.lines = 50;
  made.changed();
  expect(made.view.fresh).toBe(0);
  book.lines = 52;
  made.changed();
  expect(made.view.fresh).toBe(2);
});

test('the end is left by scrolling up, and found again at the end; what came meanwhile is counted', () => {
  const book = new LoadedBook(1_000);
  const made = new WindowScene(book);
  made.scroll(made.top - 100);
  expect(made.view.following).toBe(false);
  const y = made.yOf(950);
  book.lines += 30;
  made.changed();
  expect(made.view.fresh).toBe(30);
  expect(made.yOf(950)).toBe(y);
  made.scroll(made.max);
  expect(made.view.following).toBe(true);
  expect(made.view.fresh).toBe(0);
  book.lines += 30;
  made.changed();
  expect(made.view.visible.last).toBe(1_060);
});

test('by keys: rows, pages, the top, the end', () => {
  const made = scene(1_000, false);
  const { view } = made;
  view.top();
  made.settle();
  expect([view.visible.first, made.top]).toEqual([1, 0]);
  view.moveBy(3 * ROW);
  made.settle();
  expect([made.yOf(4), made.top]).toEqual([0, 54]);
  view.moveBy(-ROW);
  made.settle();
  expect(made.yOf(3)).toBe(0);
  view.moveBy(1_000 * ROW);
  expect(view.following).toBe(true);
});

test('where lines are left out, what is looked at is held on to, and the next one when it is left out itself', () => {
  const book = new LoadedBook(1_000);
  const made = new WindowScene(book);
  made.view.goTo(500);
  made.settle();
  const y = made.yOf(500);
  const every = (step: number): RowSource => ({
    count: Math.floor(book.lines / step),
    row: (index) => (index + 1) * step,
    indexOf: (n) => Math.min(Math.ceil(n / step) - 1, Math.floor(book.lines / step)),
  });
  made.rows = every(5);
  made.settle();
  expect(made.yOf(500)).toBe(y);
  expect(made.yOf(495)).toBe(y! - ROW);
  made.rows = every(3);
  made.settle();
  expect(made.yOf(501)).toBe(y);
  made.rows = null;
  made.settle();
  expect(made.yOf(500)).toBe(y);
});

test('a line that is not known yet is gone to once it is', () => {
  const book = new LoadedBook(0);
  const made = new WindowScene(book);
  made.view.goTo(700);
  made.settle();
  book.lines = 1_000;
  made.changed();
  expect(made.yOf(700)).toBe(198);
  expect(made.view.following).toBe(false);
});

test('a log that nearly fits the screen is as high as its rows, as soon as it wraps', () => {
  for (let lines = 1; lines <= 140; lines++) {
    const book = new LoadedBook(lines);
    const made = new WindowScene(book);
    const { view } = made;
    view.top();
    made.wrap = true;
    made.settle();
    let rows = 0;
    for (let n = 1; n <= lines; n++) {
      const line = book.line(n);
      if (line.type === 'line') rows += Math.ceil(line.raw.length / Math.floor(view.width_px / view.column_px));
    }
    // Of more than four screens of lines it is an average.
    if (lines <= 133) expect(view.height_px, `${lines} lines`).toBe(rows * ROW);
    made.scroll(made.max);
    expect(view.visible.last).toBe(lines);
    expect(Math.max(0, made.below)).toBeCloseTo(Math.max(0, view.viewport_px - view.height_px));
  }
});

test('an empty log has no rows', () => {
  const { view } = scene(0, false);
  expect(view.rows).toEqual([]);
  expect(view.visible).toEqual({ first: 0, last: 0 });
});

test('a place far down a line that wraps is gone to, and not the beginning of the line', () => {
  const made = scene(1_000, true);
  // Twenty columns; the line has 285.
  made.view.width_px = 160;
  made.view.goTo(320, 'top', 205);
  made.settle();
  const { rows, offset_px } = made.view;
  expect(rows[(made.top - offset_px) / ROW]).toMatchObject({ n: 320, part: 10, column: 200 });
});
