// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linesBeyond, numberDrag } from './number_drag.ts';
import { draw, pointer, ROW_PX, viewportOf } from './rows_for_tests.ts';

const ROWS = 10;
let viewport: HTMLElement;
let first: number;
let chosen: [n: number, extend: boolean][];
let moved: number[];
let frames: (() => void)[];
let undo: () => void;

const show = (): void =>
  draw(
    viewport,
    Array.from({ length: ROWS }, (_, i) => [first + i, 'text']),
  );
const number = (n: number): Element => viewport.querySelector(`[data-line="${n}"] a`) ?? viewport;
const frame = (): void => frames.splice(0).forEach((run) => run());
const at = (row: number): number => row * ROW_PX + 5;

beforeEach(() => {
  viewport = viewportOf(ROWS);
  [first, chosen, moved, frames] = [100, [], [], []];
  show();
  undo = numberDrag(viewport, {
    choose: (...choice) => chosen.push(choice),
    scroll(by) {
      moved.push(by);
      first += by;
      show();
    },
    frame: (run) => (frames.push(run), () => (frames = frames.filter((other) => other !== run))),
  });
});
afterEach(() => {
  undo();
  viewport.remove();
});

test('from the number that is pressed to the one under the pointer', () => {
  pointer(number(102), 'pointerdown', at(2));
  pointer(viewport, 'pointermove', at(4));
  pointer(viewport, 'pointermove', at(1));
  pointer(viewport, 'pointerup', at(1));
  pointer(viewport, 'pointermove', at(8));
  expect(chosen).toEqual([
    [102, false],
    [104, true],
    [101, true],
  ]);
});

test('beyond an edge it goes on with each frame, until it is let go', () => {
  pointer(number(102), 'pointerdown', at(2));
  pointer(viewport, 'pointermove', ROWS * ROW_PX + 30);
  expect(chosen.at(-1)).toEqual([109, true]);
  frame();
  frame();
  expect(moved).toEqual([2, 2]);
  expect(chosen.at(-1)).toEqual([113, true]);
  pointer(viewport, 'pointerup', ROWS * ROW_PX + 30);
  frame();
  expect(moved).toEqual([2, 2]);
});

test('with Shift from where it began before', () => {
  pointer(number(105), 'pointerdown', at(5), { shiftKey: true });
  expect(chosen).toEqual([[105, true]]);
});

describe('nothing is dragged', () => {
  test.each<[string, PointerEventInit]>([
    ['by a finger, which scrolls', { pointerType: 'touch' }],
    ['by another button', { button: 1 }],
    ['with Ctrl, which opens a link elsewhere', { ctrlKey: true }],
  ])('%s', (_, how) => {
    pointer(number(102), 'pointerdown', at(2), how);
    pointer(viewport, 'pointermove', at(4), how);
    expect(chosen).toEqual([]);
  });

  test('from the text', () => {
    pointer(viewport.querySelector('.text') ?? viewport, 'pointerdown', at(0));
    expect(chosen).toEqual([]);
  });

  test('by another pointer', () => {
    pointer(number(102), 'pointerdown', at(2));
    pointer(viewport, 'pointermove', at(4), { pointerId: 2 });
    expect(chosen).toEqual([[102, false]]);
  });
});

test.each([
  [150, 0],
  [99, -1],
  [0, -5],
  [201, 1],
  [10_000, 40],
])('at %d px it moves %d lines a frame', (y, lines) => expect(linesBeyond({ top: 100, bottom: 200 }, y)).toBe(lines));
