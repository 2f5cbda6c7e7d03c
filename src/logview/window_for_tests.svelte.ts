/** A window over a log, and what a browser does with it: clamps the bar, and tells of every change of it. */
import { PLAIN } from '../shared/output/ansi.ts';
import type { BookLine } from './held_line.ts';
import { LogWindow } from './log_window.svelte.ts';
import type { WindowBook } from './window_source.ts';
import { AllRows, type RowSource } from './row_source.ts';

/** A log whose lines are as long as their number says, and here once they were loaded. */
export class LoadedBook implements WindowBook {
  lines: number;
  /** More than came so far. */
  will_come = 0;
  closed = false;
  readonly #loaded: (n: number) => boolean;

  constructor(lines: number, loaded: (n: number) => boolean = () => true) {
    this.lines = lines;
    this.#loaded = loaded;
  }

  get told(): number {
    return Math.max(this.lines, this.will_come);
  }

  line(n: number): BookLine {
    if (!this.#loaded(n)) return { type: 'waiting' };
    const raw = `${n} `.padEnd(5 + ((n * 7919) % 300), 'x');
    return { type: 'line', raw, start: PLAIN, cut: null, offset: null, at: null };
  }
}

export class WindowScene {
  wrap = $state(false);
  controls = $state(false);
  notes = $state(0);
  version = $state(0);
  rows: RowSource | null = $state.raw(null);
  top = 0;
  readonly book: WindowBook;
  readonly view: LogWindow;

  constructor(book: WindowBook) {
    this.book = book;
    this.view = new LogWindow(() => ({
      book,
      version: this.version,
      rows: this.rows ?? (void this.version, new AllRows(book.lines)),
      notes: this.notes,
      wrap: this.wrap,
      controls: this.controls,
      marksOf: null,
    }));
    this.view.width_px = 800;
    this.view.viewport_px = 600;
    this.settle();
  }

  get max(): number {
    return Math.max(0, this.view.height_px - this.view.viewport_px);
  }

  /** Lines came, or were loaded. */
  changed(): void {
    this.version++;
    this.settle();
  }

  /** After anything that changed the page. */
  settle(): void {
    this.#put(this.view.settle(this.max));
  }

  /** The browser moves the bar. */
  scroll(to: number): void {
    this.top = Math.min(this.max, Math.max(0, to));
    const bar = this.view.scrolled(this.top, this.max);
    if (bar !== null) this.#put(bar);
    this.settle();
  }

  drag(to: number): void {
    this.view.dragging = true;
    this.scroll(to);
    this.view.dragging = false;
  }

  rest(): void {
    this.view.rested();
    this.settle();
  }

  /** Px from the upper edge of the viewport to that of the line; null when it is not drawn. */
  yOf(n: number): number | null {
    const index = this.view.rows.findIndex((row) => row.type !== 'note' && row.n === n && (row.type !== 'text' || row.part === 0));
    return index === -1 ? null : this.view.offset_px + index * this.view.row_px - this.top;
  }

  /** A line whose beginning is in view; 0 when there is none. */
  get anchor(): number {
    const { rows, offset_px, row_px, viewport_px } = this.view;
    const found = rows.find((row, i) => {
      const y = offset_px + i * row_px - this.top;
      return row.type !== 'note' && (row.type !== 'text' || row.part === 0) && y >= 0 && y < viewport_px;
    });
    return found === undefined || found.type === 'note' ? 0 : found.n;
  }

  /** Px from the lower edge of what is drawn last to that of the viewport. */
  get below(): number {
    const { rows, offset_px, row_px, viewport_px } = this.view;
    return viewport_px - (offset_px + rows.length * row_px - this.top);
  }

  #put(bar: number): void {
    this.top = Math.min(this.max, Math.max(0, bar));
    this.view.placed(this.top);
  }
}
