/** One row of a log in the page: its number, which is a link to the line, and its text; or why there is none. It is made once and shows one row after another. */
import type { TimeCell } from '../shared/words/line_time.ts';
import { counted } from '../shared/words/version.ts';
import { drawSpans } from './drawn_spans.ts';
import type { Fold } from './fold.ts';
import type { ScreenRow } from './screen_rows.ts';

export type LineRow = Exclude<ScreenRow, { type: 'note' }>;

/** What is in a row besides its line. */
export interface RowLook {
  /** Address of the line. */
  href: string;
  /** Address of the whole line, of one that is cut. */
  whole: string;
  /** Further classes: `chosen`, `error`. */
  classes: string;
  /** What stands between the number and the text; null for nothing. */
  time: TimeCell | null;
  /** The section that begins here; null when none does. */
  fold: Fold | null;
}

/** What can be pressed in a row, as `data-act` says it. */
export type RowAct = 'number' | 'fold' | 'load';

const NO_TIME: TimeCell = { words: '', iso: '', title: '', isLong: false };
const OPEN = 'M1 2.5 4 5.5 7 2.5';
const SHUT = 'M2.5 1 5.5 4 2.5 7';
const SVG = 'http://www.w3.org/2000/svg';

export class DrawnRow {
  readonly element = make('div', '');
  readonly #gutter = this.element.appendChild(make('span', 'gutter'));
  readonly #link = this.#gutter.appendChild(make('a', ''));
  #time: HTMLTimeElement | null = null;
  #body = this.element.appendChild(make('span', ''));
  #row: LineRow | null = null;
  /** Kept as long as the row is the same, with the press and the focus on them, and made anew with another one: who presses them means what they saw. */
  #fold: HTMLButtonElement | null = null;
  #hidden: HTMLButtonElement | null = null;
  #whole: HTMLAnchorElement | null = null;

  constructor() {
    // Not in the tab order: ten million stops. The keys of the log go to lines.
    this.#link.tabIndex = -1;
    this.#link.dataset['act'] = 'number' satisfies RowAct;
  }

  get row(): LineRow | null {
    return this.#row;
  }

  show(row: LineRow, look: RowLook): void {
    const { element } = this;
    const before = this.#row;
    this.#row = row;
    const isSame = before?.key === row.key;
    if (!isSame) this.#takeExtras();
    put(element, 'class', `row ${row.type} ${look.classes}`.trimEnd());
    if (before?.n !== row.n) element.dataset['line'] = String(row.n);
    if (row.type === 'text') put(element, 'data-column', String(row.column));
    else element.removeAttribute('data-column');
    const isNumbered = row.type !== 'text' || row.part === 0;
    this.#showNumber(row.n, isNumbered, look.href);
    this.#showTime(look.time, isNumbered);
    this.#showBody(row, isSame ? before : null);
    this.#showExtras(row, isNumbered, look);
  }

  #showNumber(n: number, isNumbered: boolean, href: string): void {
    const link = this.#link;
    link.hidden = !isNumbered;
    const text = String(n);
    if (link.textContent !== text) {
      link.textContent = text;
      link.setAttribute('aria-label', `Line ${n}`);
    }
    put(link, 'href', href);
  }

  #showTime(cell: TimeCell | null, isNumbered: boolean): void {
    if (cell === null) {
      this.#time?.parentElement?.remove();
      this.#time = null;
      return;
    }
    if (this.#time === null) {
      const place = make('span', 'time');
      this.#time = place.appendChild(make('time', ''));
      this.#gutter.after(place);
    }
    const { words, iso, title, isLong } = isNumbered ? cell : NO_TIME;
    if (this.#time.textContent !== words) this.#time.textContent = words;
    put(this.#time, 'datetime', iso);
    put(this.#time, 'title', title);
    put(this.#time, 'class', isLong ? 'long' : '');
  }

  /** @param before the same row as it was shown last; null when it was another one. */
  #showBody(row: LineRow, before: LineRow | null): void {
    const kind = row.type === 'text' ? 'text log-line' : row.type === 'failed' && row.reason !== null ? 'reason' : 'quiet';
    if (this.#body.className !== kind) {
      const body = make('span', kind);
      this.#body.replaceWith(body);
      this.#body = body;
      before = null;
    }
    if (row.type === 'text') {
      if (before?.type !== 'text' || before.spans !== row.spans)
        drawSpans(this.#body, row.spans, { end: this.#hidden, isSame: before !== null });
    } else if (row.type === 'failed' && row.reason !== null) {
      if (before?.type !== 'failed' || before.reason !== row.reason)
        this.#body.replaceChildren(`${row.reason} `, button('load', '', 'Load'));
    } else if (before === null) this.#body.textContent = '…';
  }

  #showExtras(row: LineRow, isNumbered: boolean, { fold, whole }: RowLook): void {
    const ends = row.type === 'text' && row.last;
    const toggles = isNumbered ? fold : null;
    put(this.#gutter, 'class', toggles === null ? 'gutter' : 'gutter folds');
    this.#fold = kept(this.#fold, toggles !== null, () => this.#gutter.appendChild(foldButton()));
    if (toggles !== null && this.#fold !== null) {
      put(this.#fold, 'aria-expanded', String(toggles.open));
      put(this.#fold, 'aria-label', `Section ${toggles.title}`);
      put(this.#fold.querySelector('path'), 'd', toggles.open ? OPEN : SHUT);
    }
    this.#hidden = kept(this.#hidden, ends && fold?.open === false, () => this.#body.appendChild(hiddenButton()));
    if (this.#hidden !== null) {
      const words = `${counted(fold?.lines ?? 0, 'line')} hidden`;
      if (this.#hidden.textContent !== words) this.#hidden.textContent = words;
    }
    const cut = ends ? row.cut : null;
    this.#whole = kept(this.#whole, cut !== null, () => this.element.appendChild(make('a', 'whole aside')));
    if (this.#whole !== null && cut !== null)
      Object.assign(this.#whole, {
        href: whole,
        target: '_blank',
        rel: 'noreferrer',
        textContent: `… the whole line, ${counted(cut, 'byte')}`,
      });
  }

  #takeExtras(): void {
    for (const extra of [this.#fold, this.#hidden, this.#whole]) extra?.remove();
    this.#fold = this.#hidden = this.#whole = null;
  }
}

/** What there is of it, made when it is wanted, taken out when it is not. */
function kept<E extends Element>(there: E | null, isWanted: boolean, made: () => E): E | null {
  if (isWanted) return there ?? made();
  there?.remove();
  return null;
}

function make<K extends keyof HTMLElementTagNameMap>(name: K, classes: string): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (classes !== '') element.className = classes;
  return element;
}

function put(element: Element | null, attribute: string, value: string): void {
  if (element?.getAttribute(attribute) !== value) element?.setAttribute(attribute, value);
}

function button(act: RowAct, classes: string, text: string): HTMLButtonElement {
  const element = make('button', classes);
  element.type = 'button';
  element.dataset['act'] = act;
  element.textContent = text;
  return element;
}

function foldButton(): HTMLButtonElement {
  const element = button('fold', 'fold', '');
  const drawing = element.appendChild(document.createElementNS(SVG, 'svg'));
  for (const [name, value] of Object.entries({ viewBox: '0 0 8 8', width: '8', height: '8', 'aria-hidden': 'true' }))
    drawing.setAttribute(name, value);
  const path = drawing.appendChild(document.createElementNS(SVG, 'path'));
  for (const [name, value] of Object.entries({ fill: 'none', stroke: 'currentColor', 'stroke-width': '1.5' }))
    path.setAttribute(name, value);
  return element;
}

function hiddenButton(): HTMLButtonElement {
  const element = button('fold', 'aside', '');
  element.tabIndex = -1;
  return element;
}
