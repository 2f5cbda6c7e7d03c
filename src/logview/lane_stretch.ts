/**
 * An unbroken stretch of a log's lane, as lines. Text is fed as it comes, cut anywhere, also inside escape sequences; a line is put together when it is looked at and
 * is the same for every cut. Feeding looks for line feeds and colours only: at any speed most lines are never seen. What a line began with and is not here is not
 * made up: such a line is not held, unless something in the part that is here started it over.
 */
import { styleAfter, unfinishedAt, type Style } from '../shared/output/ansi.ts';
import { bodyEnd, standing } from '../shared/output/standing.ts';
import { isTooLong, type HeldLine } from './held_line.ts';
import { LaneBlock } from './lane_block.ts';

export interface StretchStart {
  /** Number of the line its first byte is in. */
  line: number;
  /** The first byte begins that line; otherwise the stretch begins with the next one. */
  whole: boolean;
  /** Before the first line of the stretch; null when not known yet. */
  style: Style | null;
}

export class LaneStretch {
  #blocks: LaneBlock[] = [];
  #first: number;
  /** The line the next byte belongs to, and whether it begins it. */
  #line: number;
  #fresh: boolean;
  /** That line began before the stretch. */
  #inside: boolean;
  /** After all that was fed, but for `carry`, the escape sequence it ended inside of. */
  #style: Style | null;
  #carry = '';
  #chars = 0;

  constructor({ line, whole, style }: StretchStart) {
    this.#line = line;
    this.#fresh = whole;
    this.#inside = !whole;
    this.#first = whole ? line : line + 1;
    this.#style = style;
  }

  /** The last line that has a byte. */
  get last(): number {
    return this.#fresh ? this.#line - 1 : this.#line;
  }
  /** The first line held. */
  get first(): number {
    return this.#blocks[0]?.first ?? this.#first;
  }
  get lines(): number {
    return Math.max(0, this.last - this.first + 1);
  }
  get chars(): number {
    return this.#chars;
  }
  /** Until the style before line `first` is said, nothing can be shown. */
  get needsStyle(): boolean {
    return this.#style === null && this.#blocks.length > 0;
  }

  /** @param at when it was stored, ms since the epoch. */
  feed(text: string, at: number | null): void {
    if (!this.#inside) return this.#take(text, at);
    const feed = text.indexOf('\n');
    if (feed === -1) return;
    this.#inside = false;
    this.#line++;
    this.#fresh = true;
    this.#take(text.slice(feed + 1), at);
  }

  /** The style before line `n`; not taken when the stretch begins elsewhere by now. */
  begins(n: number, style: Style): void {
    if (this.#style !== null || n !== this.first) return;
    this.#style = style;
    for (const block of this.#blocks) {
      block.style = this.#style;
      block.carry = this.#carry;
      this.#paint(block.text);
    }
  }

  /** Null when it is not here, not whole, or longer than one line is shown. @param newest nothing of the log is known to come after the stretch: its last line is then as whole as it can be. */
  line(n: number, newest: boolean): HeldLine | null {
    const [oldest] = this.#blocks;
    if (oldest === undefined || n > this.last || n < this.first - 1) return null;
    if (n === this.last && !this.#fresh && !newest) return null;
    // Of the line before the first that begins here there may be the part that stands.
    if (n < this.first) return this.#standing(0, 0, n, false);
    const index = this.#blockOf(n);
    const block = this.#blocks[index];
    return block === undefined ? null : this.#standing(index, block.starts[n - block.first] ?? 0, n, true);
  }

  /** Drops the oldest until no more than so much is held; the newest block stays. */
  bound(lines: number, chars: number): void {
    const over = (): boolean => this.#blocks.length > 1 && (this.lines > lines || this.#chars > chars);
    if (!over()) return;
    if (this.#style === null) return this.#restart();
    while (over()) this.#chars -= this.#blocks.shift()?.text.length ?? 0;
  }

  /** Without a style none of it can be shown, and the question for it is of a line that would be gone. */
  #restart(): void {
    this.#blocks = [];
    this.#chars = 0;
    this.#inside = !this.#fresh;
    this.#first = this.#fresh ? this.#line : this.#line + 1;
  }

  #take(text: string, at: number | null): void {
    if (text === '') return;
    let block = this.#blocks.at(-1);
    if (block?.hasRoom !== true) {
      block = new LaneBlock(this.last + 1, this.#style, this.#carry);
      this.#blocks.push(block);
    }
    this.#fresh = block.add(text, this.#fresh, at);
    this.#line = block.first + block.starts.length - (this.#fresh ? 0 : 1);
    this.#chars += text.length;
    if (this.#style !== null) this.#paint(text);
  }

  #paint(text: string): void {
    if (this.#style === null) return;
    const all = this.#carry + text;
    const whole = unfinishedAt(all);
    this.#carry = all.slice(whole);
    this.#style = styleAfter(whole === all.length ? all : all.slice(0, whole), this.#style);
  }

  /** The block that line `n` begins in. */
  #blockOf(n: number): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= n) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @param from where line `n` begins in block `index`, or 0 when it began before. @param whole its beginning is here. */
  #standing(index: number, from: number, n: number, whole: boolean): HeldLine | null {
    const end = n < this.last ? this.#blockOf(n + 1) : this.#blocks.length - 1;
    let text = '';
    // From its end on: of a line that is started over again and again only the last state is wanted.
    for (let at = end; at >= index; at--) {
      const block = this.#blocks[at];
      if (block === undefined) return null;
      const begin = at === index ? from : 0;
      text = block.text.slice(begin, at === end && n < this.last ? block.starts[n + 1 - block.first] : undefined) + text;
      // Its line feed, which is in the block before when the next line begins a block.
      if (text.endsWith('\n')) text = text.slice(0, -1);
      const raw = standing(text);
      if (isTooLong(raw)) return null;
      const before = bodyEnd(text) - raw.length;
      if (before === 0 && (at > index || !whole)) continue;
      const start = block.styleAt(begin + before);
      const stored = whole ? (this.#blocks[index]?.timeOf(n) ?? null) : null;
      return start === null ? null : { type: 'line', raw, start, cut: null, offset: null, at: stored };
    }
    return null;
  }
}
