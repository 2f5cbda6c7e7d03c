/**
 * Some chunks of a log's lane as they came: one text and where lines begin in it. A line that nobody looks at costs one number; its style is worked out
 * when it is first asked for.
 */
import { styleAfter, type Style } from '../shared/output/ansi.ts';

/** Small chunks are joined up to this, so that a slow log is not thousands of blocks. */
const JOIN_CHARS = 16_384;

export class LaneBlock {
  text = '';
  /** Number of the first line that begins in it. */
  readonly first: number;
  /** Where lines begin in `text`. */
  readonly starts: number[] = [];
  /** An escape sequence that the block before ended inside of. */
  carry: string;
  /** Before `carry`; null when not known yet: then nothing of the block is shown. */
  style: Style | null;
  /** Of `starts`, as far as anyone asked. */
  readonly #styles: Style[] = [];
  /** [line, at]: from this line on they came at that time. */
  readonly #times: [number, number][] = [];

  constructor(first: number, style: Style | null, carry: string) {
    this.first = first;
    this.style = style;
    this.carry = carry;
  }

  get hasRoom(): boolean {
    return this.text.length < JOIN_CHARS;
  }

  /** @param fresh the text begins a line. @param at ms since the epoch. @returns whether the next text does. */
  add(text: string, fresh: boolean, at: number | null): boolean {
    const base = this.text.length;
    const before = this.starts.length;
    if (fresh) this.starts.push(base);
    let next = false;
    for (let feed = text.indexOf('\n'); feed !== -1; feed = text.indexOf('\n', feed + 1)) {
      next = feed + 1 === text.length;
      if (!next) this.starts.push(base + feed + 1);
    }
    if (at !== null && this.starts.length > before) this.#times.push([this.first + before, at]);
    this.text += text;
    return next;
  }

  timeOf(line: number): number | null {
    return this.#times.findLast(([from]) => from <= line)?.[1] ?? null;
  }

  /** The style before position `at`. */
  styleAt(at: number): Style | null {
    if (this.style === null) return null;
    const index = this.#lineAt(at);
    if (index === -1) return styleAfter(this.carry + this.text.slice(0, at), this.style);
    return styleAfter(this.text.slice(this.starts[index], at), this.#styleOf(index, this.style));
  }

  /** Index into `starts` of the last line that begins at or before `at`; -1 when none does. */
  #lineAt(at: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #styleOf(index: number, start: Style): Style {
    const styles = this.#styles;
    for (let i = styles.length; i <= index; i++) {
      const before = styles[i - 1];
      const raw = this.text.slice(this.starts[i - 1] ?? 0, this.starts[i]);
      styles.push(before === undefined ? styleAfter(this.carry + raw, start) : styleAfter(raw, before));
    }
    return styles[index] ?? start;
  }
}
