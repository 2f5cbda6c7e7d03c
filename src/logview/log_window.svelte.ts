/**
 * What part of a log stands on the screen. Only the rows in view exist in the document; the rest is a height. The tail is followed until the
 * reader scrolls up, and from then on the line at the top stays at the top, whatever is appended, dropped or loaded around it.
 */
import { parseLine, type Span } from './ansi.ts';
import type { Gap, LogDocument } from './log_document.ts';
import { RowIndex } from './row_index.ts';
import { scrollHeight, scrollTopOf, topRow, visibleRows, type ScrollSpace } from './scroll_space.ts';
import { wrappedSpans } from './wrapped_spans.ts';

/** What the window needs to know, read anew whenever it changes. */
export interface LogSource {
  document: LogDocument;
  /** Changes with the rows. */
  version: number;
  wrap: boolean;
}

export type ScreenRow = { row: number; type: 'text'; spans: readonly Span[] } | { row: number; type: 'gap'; gap: Gap };

const SPARE_ROWS = 12;
const COLUMNS_MIN = 20;
/** Nearer to the end than this counts as the end. */
const END_SLACK_PX = 4;

export class LogWindow {
  following = $state(true);
  /** Measured by the component. */
  width_px = $state(0);
  viewport_px = $state(0);
  row_px = $state(18);
  column_px = $state(8);
  #scroll_top = $state.raw(0);
  #seen = $state.raw(0);
  #anchor = { line: 0, part: 0 };
  readonly #source: () => LogSource;
  readonly #index: RowIndex = $derived.by(() => {
    void this.#source().document;
    return new RowIndex();
  });
  readonly #columns: number | null = $derived.by(() =>
    this.#source().wrap ? Math.max(COLUMNS_MIN, Math.floor(this.width_px / this.column_px)) : null,
  );
  readonly #space: ScrollSpace = $derived.by(() => {
    const { document, version } = this.#source();
    void version;
    this.#index.sync(document, this.#columns);
    return { rows: this.#index.rows, row_px: this.row_px, viewport_px: this.viewport_px };
  });
  readonly #visible = $derived(visibleRows(this.#space, this.#scroll_top, SPARE_ROWS));
  readonly rows: readonly ScreenRow[] = $derived(this.#read());

  constructor(source: () => LogSource) {
    this.#source = source;
  }

  get height_px(): number {
    return scrollHeight(this.#space);
  }

  get offset_px(): number {
    return this.#visible.offset_px;
  }

  /** Lines that came since the tail was left. */
  get fresh(): number {
    const { document, version } = this.#source();
    void version;
    return this.following ? 0 : document.appended - this.#seen;
  }

  /** @param max the greatest scroll position there is. */
  scrolled(top: number, max: number): void {
    if (top >= max - END_SLACK_PX) this.following = true;
    else if (top < this.#scroll_top - 1) this.leave();
    this.#place(top);
  }

  /** The reader turned upwards. */
  leave(): void {
    if (!this.following) return;
    this.#seen = this.#source().document.appended;
    this.following = false;
  }

  /** Where the scroll position belongs after the rows, the width or the wrapping changed. Call once the page has its new height. */
  settle(max: number): number {
    const index = this.#index;
    const space = this.#space;
    for (const { at, by } of this.#source().document.takeShifts()) {
      if (this.#anchor.line >= at) this.#anchor = { ...this.#anchor, line: Math.max(at, this.#anchor.line + by) };
    }
    const top = this.following ? max : Math.min(max, scrollTopOf(space, index.rowOf(this.#anchor.line) + this.#anchor.part));
    this.#scroll_top = top;
    if (this.following) this.#place(top);
    return top;
  }

  /** The scroll position `rows` further down. */
  stepped(rows: number): number {
    return scrollTopOf(this.#space, topRow(this.#space, this.#scroll_top) + rows);
  }

  #place(top: number): void {
    this.#scroll_top = top;
    const row = topRow(this.#space, top);
    const { line } = this.#index.at(Math.floor(row));
    this.#anchor = { line, part: row - this.#index.rowOf(line) };
  }

  #read(): ScreenRow[] {
    const { document } = this.#source();
    const { first, end } = this.#visible;
    return Array.from({ length: end - first }, (_, i) => this.#screenRow(document, first + i));
  }

  #screenRow(document: LogDocument, row: number): ScreenRow {
    const { line, part } = this.#index.at(row);
    const content = document.row(line);
    if (content.type === 'gap') return { row, type: 'gap', gap: content.gap };
    const { spans } = parseLine(content.raw, content.start);
    return { row, type: 'text', spans: this.#columns === null ? spans : wrappedSpans(spans, this.#columns, part) };
  }
}
