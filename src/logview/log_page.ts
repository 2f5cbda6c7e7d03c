/** Some consecutive lines of a log as the server sent them. */
import { styleAfter } from '../shared/output/ansi.ts';
import { packStyle, unpackStyle } from '../shared/output/packed_style.ts';
import { standingLine } from '../shared/output/standing.ts';
import type { LinesAnswer } from '../shared/protocol/run_log.ts';
import type { HeldLine } from './held_line.ts';
import type { LineStart } from './log_lane.ts';

/** Lines in a page that is full: at most half of `LAST_LINES`, so that one of those is whole. */
export const PAGE_LINES = 256;

export function pageOf(line: number): number {
  return Math.floor((line - 1) / PAGE_LINES);
}

/** The pages that begin in an answer. */
export function pagesIn(answer: LinesAnswer): LogPage[] {
  const pages: LogPage[] = [];
  let style = unpackStyle(answer.style);
  for (const [i, { n, text, cut }] of answer.items.entries()) {
    const page = new LogPage(pageOf(n));
    if (n === page.first && page.add({ ...answer, style: packStyle(style), items: answer.items.slice(i) })) pages.push(page);
    style = cut === undefined ? styleAfter(text, style) : unpackStyle(cut);
  }
  return pages;
}

export class LogPage {
  readonly first: number;
  #lines: HeldLine[] = [];
  /** The last one had no end yet. */
  #open = false;
  #chars = 0;
  /** Of the log when the last of it was sent. */
  #bytes = 0;
  #last: LineStart | null = null;

  constructor(number: number) {
    this.first = number * PAGE_LINES + 1;
  }

  get lines(): number {
    return this.#lines.length;
  }
  get chars(): number {
    return this.#chars;
  }
  /** The first line that is not here, or not to its end. */
  get next(): number {
    return this.first + this.#lines.length - (this.#open ? 1 : 0);
  }
  /** Where the last line begins; null when there is none. */
  get lastStart(): LineStart | null {
    return this.#last;
  }
  /** Lines from `next` on that belong to it. */
  get room(): number {
    return this.first + PAGE_LINES - this.next;
  }

  line(n: number): HeldLine | null {
    return this.#lines[n - this.first] ?? null;
  }

  /** Whether the server has more of line `n` than is here. @param bytes of the log now. @param ended the line is known to have its end by now. */
  lacks(n: number, bytes: number, ended: boolean): boolean {
    const line = this.line(n);
    if (line === null) return true;
    if (n < this.next || this.#bytes >= bytes) return false;
    // What is shown of a line too long is its beginning, which stays.
    return ended || line.cut === null;
  }

  /** @param answer from line `next` on. @returns whether it brought anything. */
  add(answer: LinesAnswer): boolean {
    const { next } = this;
    if (answer.items[0]?.n !== next) return false;
    this.#lines.length = next - this.first;
    let style = unpackStyle(answer.style);
    let time = 0;
    for (const { n, offset, bytes, text, cut, skipped } of answer.items.slice(0, this.room)) {
      while ((answer.times[time + 1]?.[0] ?? Infinity) <= n) time++;
      const at = answer.times[time]?.[1] ?? null;
      this.#lines.push({
        type: 'line',
        ...standingLine(text, skipped === undefined ? style : unpackStyle(skipped.style)),
        cut: cut === undefined ? null : bytes,
        offset,
        at,
      });
      this.#last = { offset, line: n, style };
      style = cut === undefined ? styleAfter(text, style) : unpackStyle(cut);
      this.#open = !answer.closed && offset + bytes >= answer.bytes;
    }
    this.#bytes = answer.bytes;
    this.#chars = this.#lines.reduce((sum, { raw }) => sum + raw.length, 0);
    return true;
  }
}
