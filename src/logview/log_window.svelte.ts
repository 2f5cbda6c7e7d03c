/**
 * What part of a log stands on the screen. Only the rows in view exist; the rest is a height. The end is followed until the reader scrolls up; from then on
 * the line they look at stays where it is, whatever comes, loads, wraps or is resized around it, and only they move it: by px where they scroll, by a
 * proportion where they drag the bar.
 */
import type { BookLine } from './held_line.ts';
import { LineLooks } from './line_looks.ts';
import { barHeight, barOf, bottom, isExact, placeOf, TOP, topOf, walked, within, type Anchor, type Lines } from './log_layout.ts';
import { screenRows, type ScreenRow } from './screen_rows.ts';
import type { LineRange, WindowSource } from './window_source.ts';

/** Rows beyond either edge, for scrolling; of a log that is written whoever follows does not scroll, and most of what is drawn is gone in the next frame. */
const SPARE_ROWS = 12;
const SPARE_ROWS_FOLLOWING = 2;
const COLUMNS_MIN = 20;
/** Nearer to the end than this counts as the end. */
const END_SLACK_PX = 4;
/** A change of the bar by more than so many screens is a drag and not a scroll. */
const SCROLL_SCREENS = 3;

export class LogWindow {
  following = $state(true);
  /** Measured by the component: of the text alone, without the gutter. */
  width_px = $state(0);
  viewport_px = $state(0);
  row_px = $state(18);
  column_px = $state(8);
  /** Lines reach beyond the width: there is something to scroll to on the right. */
  wide = $state(false);
  /** The bar for that has been there, and has taken room. */
  barred = $state(false);
  /** The bar is held. */
  dragging = false;
  #bar = $state.raw(0);
  #anchor = $state.raw({ line: 1, part: 0, y: 0 });
  #seen = $state.raw(0);
  /** The browser is scrolling: it must not be interrupted without need. */
  #scrolling = false;
  readonly #source: () => WindowSource;
  readonly #columns: number | null = $derived.by(() =>
    this.#source().wrap ? Math.max(COLUMNS_MIN, Math.floor(this.width_px / this.column_px)) : null,
  );
  readonly #looks: LineLooks = $derived.by(() => {
    const { book, controls } = this.#source();
    void book;
    return new LineLooks(this.#columns, controls);
  });
  readonly #lines: Lines = $derived.by(() => this.#measure());
  readonly #place: Anchor = $derived.by(() => (this.following ? bottom(this.#lines) : within(this.#lines, this.#anchored())));
  readonly #spare: number = $derived.by(() => (this.following && !this.#source().book.closed ? SPARE_ROWS_FOLLOWING : SPARE_ROWS));
  readonly #start: Anchor = $derived(walked(this.#lines, topOf(this.#lines, this.#place), -this.#spare));
  readonly rows: readonly ScreenRow[] = $derived.by(() => this.#read());
  readonly visible: LineRange = $derived.by(() => this.#visible());

  constructor(source: () => WindowSource) {
    this.#source = source;
  }

  get height_px(): number {
    return barHeight(this.#lines);
  }
  /** Where the first of `rows` stands in the scrolled element. */
  get offset_px(): number {
    return this.#bar + this.#start.y;
  }
  /** Lines that came since the end was left. */
  get fresh(): number {
    const { book, version } = this.#source();
    void version;
    return this.following ? 0 : Math.max(0, book.lines - this.#seen);
  }

  /** The browser scrolled. @param max the lowest position of the bar. @returns where the bar belongs instead, or null. */
  scrolled(bar: number, max: number): number | null {
    const by = bar - this.#bar;
    if (Math.abs(by) < 0.5) return null;
    this.#bar = bar;
    this.#scrolling = true;
    const lines = this.#lines;
    const mapped = this.dragging || isExact(lines) || Math.abs(by) > SCROLL_SCREENS * this.viewport_px;
    if ((mapped || this.following) && bar >= max - END_SLACK_PX) return this.#toEnd();
    if (by < 0) this.leave();
    if (this.following) return max;
    this.#put(mapped ? placeOf(lines, bar, max) : { ...this.#place, y: this.#place.y - by });
    return mapped ? null : this.#corrected(bar, max);
  }

  /** The browser has come to rest. */
  rested(): void {
    this.#scrolling = false;
  }

  /** Where the bar belongs after lines, sizes or the place changed; call once the page has its new height, and say with `placed` where it came to stand. */
  settle(max: number): number {
    if (this.following) return max;
    this.#stayWhereItIs();
    return this.#scrolling && !isExact(this.#lines) ? this.#bar : barOf(this.#lines, this.#place, max);
  }
  placed(bar: number): void {
    this.#bar = bar;
  }

  /** The reader turned upwards. */
  leave(): void {
    if (!this.following) return;
    const end = this.#place;
    this.#seen = this.#source().book.told;
    this.following = false;
    this.#put(end);
  }

  follow(): void {
    this.following = true;
  }
  top(): void {
    this.leave();
    this.#scrolling = false;
    this.#put(TOP);
  }
  /** Moves the lines up by so many px (down when negative). */
  moveBy(px: number): void {
    if (px < 0) this.leave();
    if (this.following) return;
    this.#scrolling = false;
    this.#put({ ...this.#place, y: this.#place.y - px });
    if (px > 0 && this.#atEnd()) this.follow();
  }
  /** Puts line `n` a third below the upper edge, or at the edge, or as near as the log's ends allow. @param column of its text that is meant, where it wraps. */
  goTo(n: number, where: 'third' | 'top' = 'third', column = 0): void {
    this.leave();
    this.#scrolling = false;
    const third = Math.floor(this.viewport_px / 3 / this.row_px) * this.row_px;
    const { rows } = this.#source();
    const y = where === 'top' ? 0 : third;
    const line = Math.max(1, n);
    const index = rows.indexOf(line);
    // It may be there and not be told yet: then it is gone to when it is.
    if (index >= rows.count) this.#anchor = { line, part: 0, y };
    else this.#put({ index, part: this.#partOf(line, column), y });
  }

  /** Which of a line's rows holds a column; the first where that is not known. */
  #partOf(n: number, column: number): number {
    const line = this.#source().book.line(n);
    return line.type === 'line' ? this.#looks.of(n, line).offsets.findLastIndex((at) => at <= column) : 0;
  }

  /** What would leave emptiness at an end is shown elsewhere than where it was put; from then on that is its place, or it would move when lines come. */
  #stayWhereItIs(): void {
    const wanted = this.#anchored();
    const { index, y } = this.#place;
    if (wanted.index < this.#lines.count && (index !== wanted.index || y !== wanted.y)) this.#put(this.#place);
  }

  #toEnd(): null {
    this.following = true;
    return null;
  }

  #put(place: Anchor): void {
    const { rows } = this.#source();
    const kept = within(this.#lines, place);
    const in_view = kept.y > -this.row_px && kept.y < this.viewport_px;
    let { index, part, y } = in_view ? kept : topOf(this.#lines, kept);
    // What is no line cannot be held on to.
    if (index >= rows.count) ({ index, part, y } = walked(this.#lines, { index, part, y }, -(index - rows.count + 1)));
    this.#anchor = { line: rows.count === 0 ? 1 : rows.row(index), part, y };
  }

  #anchored(): Anchor {
    const { line, part, y } = this.#anchor;
    return { index: this.#source().rows.indexOf(line), part, y };
  }

  #atEnd(): boolean {
    const [at, end] = [topOf(this.#lines, this.#place), bottom(this.#lines)];
    return at.index === end.index && at.part === end.part && Math.abs(at.y - end.y) < END_SLACK_PX;
  }

  /** Scrolled by px, the bar has drifted from its proportion; it must not reach an end before the log does. */
  #corrected(bar: number, max: number): number | null {
    if (this.#atEnd()) {
      this.following = true;
      return max;
    }
    const screen = this.viewport_px;
    if (bar > screen && bar < max - screen) return null;
    const proper = barOf(this.#lines, this.#place, max);
    return Math.abs(proper - bar) < 1 ? null : proper;
  }

  #measure(): Lines {
    const { book, rows, version, notes } = this.#source();
    void version;
    const looks = this.#looks;
    const rowsOf = (index: number): number => {
      const line: BookLine | null = index < rows.count ? book.line(rows.row(index)) : null;
      return line?.type === 'line' ? looks.of(rows.row(index), line).offsets.length : 1;
    };
    const wrapped = looks.columns !== null;
    return {
      count: rows.count + notes,
      rowsOf: wrapped ? rowsOf : null,
      rows_a_line: wrapped ? looks.rows_a_line : 1,
      row_px: this.row_px,
      viewport_px: this.viewport_px,
    };
  }

  #read(): ScreenRow[] {
    const count = Math.ceil(this.viewport_px / this.row_px) + 1 + 2 * this.#spare;
    const above = Math.round((topOf(this.#lines, this.#place).y - this.#start.y) / this.row_px);
    return screenRows(this.#source(), this.#looks, this.#start, { above, count });
  }

  #visible(): LineRange {
    const { rows } = this.#source();
    if (rows.count === 0) return { first: 0, last: 0 };
    const top = topOf(this.#lines, this.#place);
    const last = walked(this.#lines, top, Math.ceil((this.viewport_px - top.y) / this.row_px) - 1);
    const line = (index: number): number => rows.row(Math.min(index, rows.count - 1));
    return { first: line(top.index), last: line(last.index) };
  }
}
