/** What is selected of a log, as text: what is shown of its lines, plain or with its colours. */
import { parseLine, plainText, styleAfter, type Style } from '../shared/output/ansi.ts';
import { colouredText } from '../shared/output/coloured_text.ts';
import { standing, standingLine } from '../shared/output/standing.ts';
import type { LogBook } from './log_book.ts';
import { columnsOf, type Extract } from './log_selection.ts';
import { sliceSpans } from './shown_spans.ts';

/** More lines are not put together in one go: it would be felt. */
const AT_ONCE_LINES = 5_000;

/** @param raw what stands of a line. @param colours its style before that; null for plain text. */
function partOf(raw: string, columns: { from: number; to: number }, colours: Style | null): string {
  if (colours === null) return plainText(raw).slice(columns.from, columns.to);
  return colouredText(sliceSpans(parseLine(raw, colours).spans, columns.from, columns.to));
}

/** Null when not all of it is here, or it is too much to be had at once. */
export function heldText(book: LogBook, extract: Extract, colours: boolean): string | null {
  const { from, to } = extract;
  if (to.line - from.line >= AT_ONCE_LINES) return null;
  const parts: string[] = [];
  for (let n = from.line; n <= to.line; n++) {
    const line = book.line(n);
    if (line.type !== 'line') return null;
    const columns = columnsOf(extract, n);
    // The end of a line that is cut on the screen is elsewhere.
    if (line.cut !== null && columns.to === Infinity) return null;
    parts.push(partOf(line.raw, columns, colours ? line.start : null));
  }
  return parts.join('\n');
}

/** Puts the text together from the bytes of whole lines, as they come. */
export class ExtractText {
  readonly #extract: Extract;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #parts: string[] = [];
  #style: Style | null;
  #rest = '';
  #n: number;

  /** @param style before the first line; null for plain text. */
  constructor(extract: Extract, style: Style | null) {
    this.#extract = extract;
    this.#style = style;
    this.#n = extract.from.line;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  /** Call once, after the last byte. */
  end(): string {
    this.#rest += this.#decoder.decode();
    if (this.#n <= this.#extract.to.line) this.#take(this.#rest);
    return this.#parts.join('\n');
  }

  #take(line: string): void {
    const columns = columnsOf(this.#extract, this.#n++);
    if (this.#style === null) {
      this.#parts.push(partOf(standing(line), columns, null));
      return;
    }
    const { raw, start } = standingLine(line, this.#style);
    this.#parts.push(partOf(raw, columns, start));
    this.#style = styleAfter(line, this.#style);
  }
}
