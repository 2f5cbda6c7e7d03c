/** What is selected of a log: whole lines, or text from one place to another. It holds whatever is on the screen: a place is a line and a column, never an element. */
import type { ChosenLines } from './line_address.ts';
import { counted } from '../shared/words/version.ts';

/** Before a character of a line's shown text, in UTF-16 units; Infinity is its end. */
export interface Place {
  line: number;
  column: number;
}

/** The anchor is where it began, the focus is the end that moves. */
export type Selection = { type: 'lines'; anchor: number; focus: number } | { type: 'text'; anchor: Place; focus: Place };

/** The same in the order of the log. */
export interface Extract {
  from: Place;
  to: Place;
}

/** Negative when `a` comes before `b`. */
export function compared(a: Place, b: Place): number {
  // Not a difference: two ends of lines are both Infinity.
  return a.line - b.line || (a.column === b.column ? 0 : a.column < b.column ? -1 : 1);
}

export function extractOf(selection: Selection): Extract {
  if (selection.type === 'lines') {
    const { from, to } = linesOf(selection);
    return { from: { line: from, column: 0 }, to: { line: to, column: Infinity } };
  }
  const { anchor, focus } = selection;
  return compared(anchor, focus) <= 0 ? { from: anchor, to: focus } : { from: focus, to: anchor };
}

export function isEmpty(selection: Selection): boolean {
  return selection.type === 'text' && compared(selection.anchor, selection.focus) === 0;
}

/** The lines it touches. One that ends before the first character of a line does not touch that line. */
export function linesOf(selection: Selection): ChosenLines {
  if (selection.type === 'lines') {
    const { anchor, focus } = selection;
    return { from: Math.min(anchor, focus), to: Math.max(anchor, focus) };
  }
  const { from, to } = extractOf(selection);
  return { from: from.line, to: to.column === 0 && to.line > from.line ? to.line - 1 : to.line };
}

/** All of a log. */
export function allOf(lines: number): Selection {
  return { type: 'text', anchor: { line: 1, column: 0 }, focus: { line: lines, column: Infinity } };
}

/** The part of line `n`'s shown text that belongs to it. */
export function columnsOf({ from, to }: Extract, n: number): { from: number; to: number } {
  return { from: n === from.line ? from.column : 0, to: n === to.line ? to.column : Infinity };
}

export function selectionWords(selection: Selection): string {
  const { from, to } = linesOf(selection);
  if (from !== to) return `${counted(to - from + 1, 'line')} selected`;
  const { from: begin, to: end } = extractOf(selection);
  const whole = begin.column === 0 && end.column === Infinity;
  return `${whole ? 'Line' : 'Part of line'} ${from.toLocaleString('en-GB')} selected`;
}
