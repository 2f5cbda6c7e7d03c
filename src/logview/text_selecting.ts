/**
 * Keeps a selection of text alive while rows come and go. Selecting is the browser's, with the pointer, the keyboard or a finger; what it selects is remembered
 * as lines and columns, and laid over whatever rows are in the page after each change of them. An end whose row is gone stands at the edge of those that are there;
 * as long as the browser leaves it standing there, it means the place it was before. Without this a drag beyond the screen would lose its beginning. The page has one
 * selection, which is also the caret of a field: it is left alone while the reader types, and laid over the rows again when the log has the focus.
 */
import { isTyping } from '../a11y/keys.ts';
import { compared, extractOf, type Place, type Selection } from './log_selection.ts';
import { boundaryOf, placeOf, rowEnd, rowStart, textRows, type Boundary } from './text_places.ts';

export type TextSelection = Selection & { type: 'text' };

export interface SelectingDeps {
  /** What is selected; null when nothing is. */
  selection(): TextSelection | null;
  select(selection: TextSelection | null): void;
}

interface Laid {
  anchor: Boundary;
  focus: Boundary;
}

export class TextSelecting {
  readonly #viewport: HTMLElement;
  readonly #deps: SelectingDeps;
  /** As it was put into the page; null when nothing was. */
  #laid: Laid | null = null;
  /** A drag began in the log. */
  #dragged = false;

  constructor(viewport: HTMLElement, deps: SelectingDeps) {
    this.#viewport = viewport;
    this.#deps = deps;
  }

  /** @returns its undo. */
  listen(): () => void {
    const { ownerDocument } = this.#viewport;
    const changed = (): void => this.#changed();
    const focused = (): void => {
      // Of a press the browser begins a selection of its own.
      if (!this.#dragged) this.drawn();
    };
    const released = (event: PointerEvent): void => this.#released(event.clientY);
    const pressed = (event: PointerEvent): void => {
      this.#dragged = true;
      // Up to where it is pressed, from where it began: that may be a place that is not in the page.
      if (event.shiftKey && this.#laid === null) this.#lay(true);
    };
    ownerDocument.addEventListener('selectionchange', changed);
    this.#viewport.addEventListener('pointerdown', pressed);
    this.#viewport.addEventListener('focusin', focused);
    ownerDocument.addEventListener('pointerup', released);
    return () => {
      ownerDocument.removeEventListener('selectionchange', changed);
      this.#viewport.removeEventListener('pointerdown', pressed);
      this.#viewport.removeEventListener('focusin', focused);
      ownerDocument.removeEventListener('pointerup', released);
    };
  }

  /** Call when the rows have changed, or the selection was changed by someone else. */
  drawn(): void {
    if (this.#deps.selection() !== null || this.#laid !== null) this.#lay(false);
  }

  /** @param always also when none of it is in the page: at the edge that is nearer. */
  #lay(always: boolean): void {
    if (!always && this.#isElsewhere()) return;
    const selection = this.#deps.selection();
    const rows = textRows(this.#viewport);
    const [first, last] = [rows[0], rows.at(-1)];
    const seen = this.#viewport.ownerDocument.getSelection();
    if (selection === null || first === undefined || last === undefined || !(always || isSeen(selection, rowStart(first), rowEnd(last)))) {
      const had = this.#laid !== null;
      // First: what is taken out of the page is not the reader's doing.
      this.#laid = null;
      if (had) seen?.removeAllRanges();
      return;
    }
    const anchor = boundaryOf(rows, selection.anchor);
    const focus = boundaryOf(rows, selection.focus);
    if (anchor === null || focus === null) return;
    this.#laid = { anchor, focus };
    if (seen === null || isAt(seen, this.#laid)) return;
    seen.setBaseAndExtent(anchor.node, anchor.offset, focus.node, focus.offset);
  }

  /** The caret is in a field, and no press is about to take it into the log. */
  #isElsewhere(): boolean {
    if (this.#dragged || !isTyping(this.#viewport.ownerDocument.activeElement)) return false;
    this.#laid = null;
    return true;
  }

  #changed(): void {
    if (this.#isElsewhere()) return;
    const seen = this.#viewport.ownerDocument.getSelection();
    const before = this.#laid;
    if (seen === null || (before !== null && isAt(seen, before))) return;
    const { anchorNode, focusNode, anchorOffset, focusOffset } = seen;
    if (anchorNode === null || focusNode === null) {
      if (before !== null) this.#end();
      return;
    }
    const laid = { anchor: { node: anchorNode, offset: anchorOffset }, focus: { node: focusNode, offset: focusOffset } };
    const held = this.#deps.selection();
    const anchor =
      before !== null && held !== null && same(laid.anchor, before.anchor) ? held.anchor : placeOf(this.#viewport, laid.anchor);
    if (anchor === null) return this.#end();
    const focus = before !== null && held !== null && same(laid.focus, before.focus) ? held.focus : this.#reached(laid.focus);
    if (focus === null) return this.#end();
    this.#laid = laid;
    this.#deps.select({ type: 'text', anchor, focus });
  }

  /** A selection that began in the log and leaves it goes as far as there are rows. */
  #reached(focus: Boundary): Place | null {
    const place = placeOf(this.#viewport, focus);
    if (place !== null) return place;
    const rows = textRows(this.#viewport);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return null;
    const isAbove = (this.#viewport.compareDocumentPosition(focus.node) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
    return isAbove ? rowStart(first) : rowEnd(last);
  }

  /** Let go beyond an edge it goes as far as the log has moved: the browser's own end stays behind where rows come and go under it. */
  #released(y: number): void {
    const held = this.#deps.selection();
    const { top, bottom } = this.#viewport.getBoundingClientRect();
    const dragged = this.#dragged;
    this.#dragged = false;
    if (!dragged || held === null || (y >= top && y <= bottom)) return;
    const inView = textRows(this.#viewport).filter((row) => {
      const at = row.getBoundingClientRect();
      return at.bottom > top && at.top < bottom;
    });
    const row = y < top ? inView[0] : inView.at(-1);
    if (row !== undefined) this.#deps.select({ ...held, focus: y < top ? rowStart(row) : rowEnd(row) });
  }

  #end(): void {
    this.#laid = null;
    if (this.#deps.selection() !== null) this.#deps.select(null);
  }
}

function isSeen(selection: Selection, first: Place, last: Place): boolean {
  const { from, to } = extractOf(selection);
  return compared(to, first) >= 0 && compared(from, last) <= 0;
}

function same(a: Boundary, b: Boundary): boolean {
  return a.node === b.node && a.offset === b.offset;
}

function isAt(seen: globalThis.Selection, { anchor, focus }: Laid): boolean {
  return (
    seen.anchorNode === anchor.node &&
    seen.anchorOffset === anchor.offset &&
    seen.focusNode === focus.node &&
    seen.focusOffset === focus.offset
  );
}
