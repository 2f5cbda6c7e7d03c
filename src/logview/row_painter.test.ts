// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLine, PLAIN } from '../shared/output/ansi.ts';
import type { LineRow, RowLook } from './drawn_row.ts';
import { RowPainter } from './row_painter.ts';

let root: HTMLElement;
let painter: RowPainter;
let stop: () => void;
let said: string[];

beforeEach(() => {
  said = [];
  root = document.body.appendChild(document.createElement('div'));
  painter = new RowPainter(root);
  stop = painter.listen({
    number: (_, n) => said.push(`number ${n}`),
    fold: (n) => said.push(`fold ${n}`),
    load: (n) => said.push(`load ${n}`),
  });
});
afterEach(() => {
  stop();
  root.remove();
});

const text = (n: number, over: Partial<LineRow & { type: 'text' }> = {}): LineRow => ({
  key: `${n}.0`,
  type: 'text',
  n,
  part: 0,
  last: true,
  column: 0,
  spans: parseLine(`line ${n}`, PLAIN).spans,
  cut: null,
  at: null,
  ...over,
});
const plain = (row: LineRow): RowLook => ({ href: `#L${row.n}`, whole: `/log?of=${row.n}`, classes: '', time: null, fold: null });
const paint = (rows: readonly LineRow[], look: Partial<RowLook> = {}): void => painter.paint(rows, (row) => ({ ...plain(row), ...look }));
const lines = (from: number, to: number): LineRow[] => Array.from({ length: to - from + 1 }, (_, i) => text(from + i));
const elementOf = (n: number): HTMLElement => root.querySelector<HTMLElement>(`[data-line="${n}"]`)!;
const shown = (): string[] => [...root.children].map((row) => row.textContent);
const numbered = (from: number, to: number): string[] => lines(from, to).map(({ n }) => `${n}line ${n}`);
const press = (on: Element, type = 'click'): boolean => on.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));

test('a row that stays keeps its element, wherever rows come and go', () => {
  paint(lines(10, 19));
  for (const [from, to] of [
    [12, 21],
    [5, 14],
    [5, 40],
    [30, 33],
    [31, 38],
  ] as const) {
    const before = new Map([...root.children].map((row) => [Number((row as HTMLElement).dataset['line']), row]));
    paint(lines(from, to));
    expect(shown()).toEqual(numbered(from, to));
    for (const [n, row] of before) if (n >= from && n <= to) expect(elementOf(n)).toBe(row);
  }
});

test('the same after any steps as drawn at once', () => {
  const keys = [3, 1, 4, 15, 9, 2, 6, 5, 35, 8, 97, 93, 23, 84, 62];
  for (let i = 0; i < keys.length; i++) {
    const rows = [...new Set(keys.slice(i, i + 1 + (keys[i]! % 7)))].sort((a, b) => a - b).map((n) => text(n));
    paint(rows);
    expect(shown()).toEqual(rows.map(({ n }) => `${n}line ${n}`));
  }
});

test('where all rows are others, their elements are written over', () => {
  paint(lines(1, 40));
  const before = [...root.children];
  paint(lines(801, 840));
  expect([...root.children]).toEqual(before);
  expect(shown()).toEqual(numbered(801, 840));
  expect(root.querySelector('a')?.getAttribute('href')).toBe('#L801');
  expect(root.querySelector('a')?.getAttribute('aria-label')).toBe('Line 801');
});

test('a row that is pressed is not written over: what was meant is that line', () => {
  paint(lines(1, 4));
  const pressed = elementOf(2);
  pressed.querySelector('a')?.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  paint(lines(11, 14));
  expect(pressed.isConnected).toBe(false);
  expect(pressed.dataset['line']).toBe('2');
  expect(shown()).toEqual(numbered(11, 14));
  // Let go over what is there now, the browser gives the click to what is around both.
  press(root);
  expect(said).toEqual([]);
});

test('a fold, the lines it hides and the whole of a cut line are made anew with another row', () => {
  const fold = { title: 'Install', open: false, lines: 12 };
  paint([text(1, { cut: 5_000_000 })], { fold });
  const [button] = root.querySelectorAll('button');
  expect(button?.getAttribute('aria-label')).toBe('Section Install');
  expect(button?.getAttribute('aria-expanded')).toBe('false');
  expect(shown()).toEqual(['1line 112 lines hidden… the whole line, 5,000,000 bytes']);
  press(button!);
  expect(said).toEqual(['fold 1']);
  paint([text(2, { cut: 5_000_000 })], { fold });
  expect(root.querySelector('button')).not.toBe(button);
  expect(root.querySelector('.whole')?.getAttribute('href')).toBe('/log?of=2');
  paint([text(3)]);
  expect(shown()).toEqual(['3line 3']);
  expect(root.querySelector('.folds')).toBeNull();
});

test('of the same row a fold stays the button that is about to be pressed, whatever it says by then', () => {
  paint([text(1)], { fold: { title: 'Install', open: true, lines: 12 } });
  const [button] = root.querySelectorAll('button');
  button?.focus();
  paint([text(1)], { fold: { title: 'Install', open: true, lines: 13 } });
  paint([text(1)], { fold: { title: 'Install', open: false, lines: 13 } });
  expect(root.querySelector('.fold')).toBe(button);
  expect(document.activeElement).toBe(button);
  expect(button?.getAttribute('aria-expanded')).toBe('false');
  const hidden = root.querySelector('.aside');
  paint([text(1)], { fold: { title: 'Install', open: false, lines: 14 } });
  expect(root.querySelector('.aside')).toBe(hidden);
  expect(shown()).toEqual(['1line 114 lines hidden']);
});

test('a row that has the focus is not written over', () => {
  paint(lines(1, 2));
  const link = elementOf(2).querySelector('a');
  link?.focus();
  paint(lines(11, 12));
  expect(link?.textContent).toBe('2');
  expect(shown()).toEqual(numbered(11, 12));
});

test('further rows of a wrapped line have no number', () => {
  paint([text(1, { last: false }), text(1, { key: '1.1', part: 1, column: 80 })]);
  expect([...root.querySelectorAll('a')].map(({ hidden }) => hidden)).toEqual([false, true]);
  expect([...root.children].map((row) => (row as HTMLElement).dataset['column'])).toEqual(['0', '80']);
});

test('a section whose heading wraps has one fold, and says at its end what it hides', () => {
  const fold = { title: 'Install', open: false, lines: 12 };
  paint([text(1, { last: false }), text(1, { key: '1.1', part: 1, column: 80 })], { fold });
  expect(root.querySelectorAll('.fold').length).toBe(1);
  expect(shown()).toEqual(['1line 1', '1line 112 lines hidden']);
});

test('a line that waits, failed and came', () => {
  paint([{ key: '7', type: 'waiting', n: 7 }]);
  expect([elementOf(7).className, shown()]).toEqual(['row waiting', ['7…']]);
  paint([{ key: '7', type: 'failed', n: 7, reason: 'The server did not answer.' }]);
  expect([elementOf(7).className, shown()]).toEqual(['row failed', ['7The server did not answer. Load']]);
  const load = root.querySelector('.reason button');
  paint([{ key: '7', type: 'failed', n: 7, reason: 'The server did not answer.' }], { classes: 'chosen' });
  expect(root.querySelector('.reason button')).toBe(load);
  press(load!);
  expect(said).toEqual(['load 7']);
  paint([text(7)], { classes: 'chosen error' });
  expect([elementOf(7).className, shown()]).toEqual(['row text chosen error', ['7line 7']]);
});

test('a time stands between the number and the text, or none does', () => {
  const time = { words: '+0.012', iso: '2026-11-21T14:00:00.000Z', title: 'Sat 21 Nov 2026', isLong: true };
  paint(lines(1, 1), { time });
  const [cell] = root.querySelectorAll('time');
  expect([cell?.textContent, cell?.dateTime, cell?.title, cell?.className]).toEqual(['+0.012', time.iso, time.title, 'long']);
  paint(lines(2, 2));
  expect(root.querySelector('time')).toBeNull();
  expect(shown()).toEqual(numbered(2, 2));
});

test('a press on a number leaves the focus where it is and chooses its line', () => {
  paint(lines(1, 2));
  const link = elementOf(2).querySelector('a')!;
  expect(press(link, 'mousedown')).toBe(false);
  expect(press(elementOf(2).querySelector('.text')!, 'mousedown')).toBe(true);
  press(link);
  press(elementOf(2).querySelector('.text')!);
  expect(said).toEqual(['number 2']);
});
