/**
 * An unbroken stretch of a log as lines. Text is fed as it comes, cut anywhere; the lines are the same for every cut. `\r\n` ends a line, a `\r` within
 * one starts it over (a progress bar leaves its last state), a line longer than `LINE_MAX` goes on in a row of its own. Lines are kept raw,
 * with the style they begin in, and parsed only when they are looked at.
 */
import { PLAIN, styleAfter, unfinishedAt, type Style } from './ansi.ts';
import { applied, changedBy, joined, NO_CHANGE, type StyleChange } from './style_change.ts';

/** UTF-16 units in one row. */
export const LINE_MAX = 8_192;
/** Kept of what a line began with before it was started over: an escape sequence may have begun in the piece before. */
const HEAD_KEPT = 64;
/** Lines between two places the front may be cut at. */
const MARK_EVERY = 256;

/** What stood in a line before it was started over: not seen any more, but it colours what comes after. */
interface Overwritten {
  head: string;
  then: StyleChange;
}

export class TextPiece {
  /** Finished lines. */
  #lines: string[] = [];
  #starts: Style[] = [];
  #open = '';
  #openStart = PLAIN;
  /** A `\r` came last: what follows decides whether the line ended or starts over. */
  #openCr = false;
  /** By row, of the finished lines that were started over. */
  #overs = new Map<number, Overwritten>();
  #openOver: Overwritten | null = null;
  /** Line beginnings whose byte offset is known. */
  #marks: { line: number; offset: number }[] = [];

  /** Rows to show: the finished lines, and the one being written when it shows anything. */
  get rows(): number {
    return this.#lines.length + (this.#open === '' ? 0 : 1);
  }

  line(row: number): { raw: string; start: Style } {
    const raw = this.#lines[row];
    return raw === undefined ? { raw: this.#open, start: this.#openStart } : { raw, start: this.#starts[row] ?? PLAIN };
  }

  /** @param offset byte offset of the text in the file; null when the text is not the file's own, and the front can then not be cut in it. */
  feed(text: string, offset: number | null): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#extend(text.slice(from, end));
      this.#close();
      if (from === 0 && offset !== null) this.#mark(text.slice(0, end + 1), offset);
      from = end + 1;
    }
    this.#extend(text.slice(from));
  }

  /** Joins what follows this piece without a gap. The other piece is used up. */
  absorb(next: TextPiece): void {
    const before = this.#lines.length;
    for (const [row, raw] of next.#lines.entries()) {
      this.#startOverAfter(next.#overs.get(row) ?? null);
      this.#extend(raw);
      this.#close();
    }
    const shift = this.#lines.length - next.#lines.length;
    this.#startOverAfter(next.#openOver);
    this.#extend(next.#open);
    // Nothing came of an earlier one while nothing followed it.
    this.#openCr ||= next.#openCr;
    this.#marks.push(...next.#marks.map(({ line, offset }) => ({ line: line + shift, offset })).filter(({ line }) => line > before));
  }

  /** Drops lines from the front, at least `rows` of them when that can be told in bytes. @returns the byte offset this piece now begins at and the rows dropped, or null when there is no place to cut. */
  dropFront(rows: number): { from: number; rows: number } | null {
    const mark = this.#marks.find(({ line }) => line >= rows) ?? this.#marks.at(-1);
    if (mark === undefined || mark.line === 0) return null;
    this.#lines = this.#lines.slice(mark.line);
    this.#starts = this.#starts.slice(mark.line);
    this.#marks = this.#marks.filter(({ line }) => line > mark.line).map(({ line, offset }) => ({ line: line - mark.line, offset }));
    this.#overs = new Map([...this.#overs].filter(([row]) => row >= mark.line).map(([row, over]) => [row - mark.line, over]));
    return { from: mark.offset, rows: mark.line };
  }

  #extend(segment: string): void {
    const body = withoutEndingCr(segment);
    if (body !== '') {
      const parts = body.split('\r');
      if (this.#openCr) this.#startOver();
      for (const [i, part] of parts.entries()) {
        if (i > 0) this.#startOver();
        this.#append(part);
      }
      this.#openCr = false;
    }
    if (body.length < segment.length) this.#openCr = true;
  }

  #append(text: string): void {
    this.#open += text;
    while (this.#open.length > LINE_MAX) {
      const rest = this.#open.slice(this.#breakAt());
      this.#open = this.#open.slice(0, this.#open.length - rest.length);
      this.#close();
      this.#open = rest;
    }
  }

  /** Not inside a character, nor inside an escape sequence. */
  #breakAt(): number {
    const head = this.#open.slice(0, LINE_MAX);
    const whole = unfinishedAt(head);
    const at = whole === 0 ? LINE_MAX : whole;
    return /[\ud800-\udbff]/u.test(head.charAt(at - 1)) ? at - 1 : at;
  }

  #startOver(): void {
    if (this.#openOver === null) {
      const head = this.#open.slice(0, unfinishedAt(this.#open.slice(0, HEAD_KEPT)));
      this.#openOver = { head, then: changedBy(NO_CHANGE, this.#open.slice(head.length)) };
    } else this.#openOver.then = changedBy(this.#openOver.then, this.#open);
    this.#openStart = styleAfter(this.#open, this.#openStart);
    this.#open = '';
  }

  /** As if what was overwritten in the next piece had been fed. */
  #startOverAfter(over: Overwritten | null): void {
    if (over === null) return;
    if (this.#openCr) this.#startOver();
    this.#openCr = false;
    this.#open += over.head;
    this.#startOver();
    this.#openStart = applied(over.then, this.#openStart);
    if (this.#openOver !== null) this.#openOver.then = joined(this.#openOver.then, over.then);
  }

  #close(): void {
    this.#lines.push(this.#open);
    this.#starts.push(this.#openStart);
    if (this.#openOver !== null) this.#overs.set(this.#lines.length - 1, this.#openOver);
    this.#openOver = null;
    this.#openStart = styleAfter(this.#open, this.#openStart);
    this.#open = '';
    this.#openCr = false;
  }

  /** Lossy decoding changes the number of bytes: then this place is not used. */
  #mark(head: string, offset: number): void {
    const line = this.#lines.length;
    if (line - (this.#marks.at(-1)?.line ?? -MARK_EVERY) < MARK_EVERY || head.includes('\ufffd')) return;
    this.#marks.push({ line, offset: offset + utf8Length(head) });
  }
}

function withoutEndingCr(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 13) end--;
  return end === text.length ? text : text.slice(0, end);
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
