// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draw, pointer, ROW_PX, viewportOf } from './rows_for_tests.ts';
import { TextSelecting, type TextSelection } from './text_selecting.ts';

const ROWS = 5;
let viewport: HTMLElement;
let selected: TextSelection | null;
let selecting: TextSelecting;
let undo: () => void;

const show = (from: number, to: number): void =>
  draw(
    viewport,
    Array.from({ length: to - from + 1 }, (_, i) => [from + i, `line ${from + i}`]),
  );
const textOf = (n: number): Node => viewport.querySelector(`[data-line="${n}"] .text`)?.firstChild ?? viewport;
/** What the browser does while it selects. */
const select = (anchor: [Node, number], focus: [Node, number]): void => {
  getSelection()?.setBaseAndExtent(...anchor, ...focus);
  document.dispatchEvent(new Event('selectionchange'));
};
const drawn = (from: number, to: number): void => {
  show(from, to);
  selecting.drawn();
};
const place = (line: number, column: number): { line: number; column: number } => ({ line, column });

beforeEach(() => {
  viewport = viewportOf(ROWS);
  selected = null;
  selecting = new TextSelecting(viewport, { selection: () => selected, select: (selection) => (selected = selection) });
  undo = selecting.listen();
  show(1, ROWS);
});
afterEach(() => {
  undo();
  getSelection()?.removeAllRanges();
  document.body.replaceChildren();
});

test('what the browser selects is remembered as lines and columns', () => {
  select([textOf(2), 3], [textOf(4), 1]);
  expect(selected).toEqual({ type: 'text', anchor: place(2, 3), focus: place(4, 1) });
});

test('its beginning holds when its row has left the page', () => {
  select([textOf(2), 3], [textOf(4), 1]);
  drawn(3, 7);
  const seen = getSelection();
  expect([seen?.anchorNode === textOf(3), seen?.anchorOffset, seen?.focusNode === textOf(4)]).toEqual([true, 0, true]);
  select([textOf(3), 0], [textOf(6), 2]);
  expect(selected).toEqual({ type: 'text', anchor: place(2, 3), focus: place(6, 2) });
  drawn(1, ROWS);
  expect([getSelection()?.anchorNode === textOf(2), getSelection()?.anchorOffset]).toEqual([true, 3]);
});

test('one that is out of the page altogether is taken out of it, and comes back with its rows', () => {
  select([textOf(1), 0], [textOf(2), 1]);
  drawn(10, 14);
  expect(getSelection()?.rangeCount).toBe(0);
  expect(selected).not.toBeNull();
  drawn(1, ROWS);
  expect([getSelection()?.focusNode === textOf(2), getSelection()?.focusOffset]).toEqual([true, 1]);
});

test('what leaves the log goes as far as there are rows', () => {
  const after = document.body.appendChild(document.createElement('p'));
  after.textContent = 'after';
  select([textOf(2), 3], [after.firstChild ?? after, 2]);
  expect(selected?.focus).toEqual(place(ROWS, 'line 5'.length));
  const before = document.createElement('p');
  before.textContent = 'before';
  document.body.prepend(before);
  select([textOf(2), 3], [before.firstChild ?? before, 2]);
  expect(selected?.focus).toEqual(place(1, 0));
});

test('let go beyond an edge it goes to the last row in view', () => {
  pointer(viewport, 'pointerdown', 5);
  select([textOf(2), 3], [textOf(3), 1]);
  pointer(document.body, 'pointerup', ROWS * ROW_PX + 40);
  expect(selected?.focus).toEqual(place(5, 'line 5'.length));
  pointer(document.body, 'pointerup', -40);
  expect(selected?.focus).toEqual(place(5, 'line 5'.length));
  pointer(viewport, 'pointerdown', 5);
  pointer(document.body, 'pointerup', -40);
  expect(selected?.focus).toEqual(place(1, 0));
});

test('another selection in the page ends it', () => {
  select([textOf(2), 3], [textOf(3), 1]);
  const other = document.body.appendChild(document.createElement('p'));
  other.textContent = 'other';
  select([other.firstChild ?? other, 0], [other.firstChild ?? other, 2]);
  expect(selected).toBeNull();
});

test('who types in a field keeps the caret there, and finds the selection again in the log', () => {
  select([textOf(2), 3], [textOf(3), 1]);
  const held = selected;
  const field = document.body.appendChild(document.createElement('input'));
  field.focus();
  select([document.body, 0], [document.body, 0]);
  drawn(1, ROWS);
  expect(getSelection()?.anchorNode).toBe(document.body);
  expect(selected).toBe(held);
  viewport.tabIndex = 0;
  viewport.focus();
  const seen = getSelection();
  expect([seen?.anchorNode === textOf(2), seen?.anchorOffset, seen?.focusNode === textOf(3)]).toEqual([true, 3, true]);
});

test('a press with Shift after typing goes on from where the selection began, though that is out of the page', () => {
  select([textOf(2), 3], [textOf(3), 1]);
  document.body.appendChild(document.createElement('input')).focus();
  select([document.body, 0], [document.body, 0]);
  drawn(10, 14);
  viewport.tabIndex = 0;
  viewport.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, shiftKey: true }));
  viewport.focus();
  const seen = getSelection();
  expect([seen?.anchorNode === textOf(10), seen?.anchorOffset]).toEqual([true, 0]);
  select([textOf(10), 0], [textOf(12), 2]);
  expect(selected).toEqual({ type: 'text', anchor: place(2, 3), focus: place(12, 2) });
});

test('pictures of control characters are no part of the text', () => {
  draw(viewport, [
    [1, 'one[␛K] two[␇] three'],
    [2, 'two'],
  ]);
  const nodes = [...(viewport.querySelector('.text')?.childNodes ?? [])];
  select([nodes[2] ?? viewport, 1], [nodes[4] ?? viewport, 3]);
  expect(selected).toEqual({ type: 'text', anchor: place(1, 4), focus: place(1, 10) });
  selecting.drawn();
  const seen = getSelection();
  expect([seen?.anchorNode === nodes[2], seen?.anchorOffset, seen?.focusNode === nodes[4], seen?.focusOffset]).toEqual([true, 1, true, 3]);
});
