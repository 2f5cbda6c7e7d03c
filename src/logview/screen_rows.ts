/** The rows that are drawn: from a place on, as many as the screen has. */
import { drawnStretch, textBefore } from './control_pictures.ts';
import type { BookLine } from './held_line.ts';
import type { LineLooks } from './line_looks.ts';
import type { Anchor } from './log_layout.ts';
import { pageOf } from './log_page.ts';
import type { RowSource } from './row_source.ts';
import { markedSpans, sliceSpans, type Mark, type ShownSpan } from './shown_spans.ts';

/** What is marked in line `n`, whose text is `text`: in order, none over another. */
export type MarksOf = (n: number, text: string) => readonly Mark[];

export type ScreenRow = { key: string } & (
  | {
      type: 'text';
      n: number;
      /** Which of the line's rows, from 0, and whether it is the last. */
      part: number;
      last: boolean;
      /** Where in the line's text it begins. */
      column: number;
      spans: readonly ShownSpan[];
      /** Bytes of the whole line in the file when only a part of it is here. */
      cut: number | null;
      /** When it was stored, ms since the epoch. */
      at: number | null;
    }
  | { type: 'waiting'; n: number }
  /** `reason` stands once for lines that failed together. */
  | { type: 'failed'; n: number; reason: string | null }
  /** The row below the last line, from 0. */
  | { type: 'note'; note: number }
);

/** What a window needs of a book. */
export interface BookView {
  readonly lines: number;
  line(n: number): BookLine;
}

interface Source {
  book: BookView;
  rows: RowSource;
  notes: number;
  marksOf: MarksOf | null;
}

/** @param above rows that are out of view above: a reason is not said there. */
export function screenRows(
  source: Source,
  looks: LineLooks,
  from: Anchor,
  { above, count }: { above: number; count: number },
): ScreenRow[] {
  const { rows, notes } = source;
  const out: ScreenRow[] = [];
  let { part } = from;
  let failed = -1;
  for (let index = from.index; index < rows.count + notes && out.length < count; index++, part = 0) {
    if (index >= rows.count) {
      out.push({ key: `note ${index - rows.count}`, type: 'note', note: index - rows.count });
      continue;
    }
    const n = rows.row(index);
    const line = source.book.line(n);
    switch (line.type) {
      case 'line': {
        const { spans, text, offsets, has_pictures } = looks.of(n, line);
        const found = source.marksOf?.(n, text) ?? [];
        const marks = has_pictures ? found.map((mark) => ({ ...mark, ...drawnStretch(spans, mark) })) : found;
        const shown = marks.length === 0 ? spans : markedSpans(spans, marks);
        for (; part < offsets.length && out.length < count; part++) {
          const begin = offsets[part] ?? 0;
          const column = has_pictures ? textBefore(spans, begin) : begin;
          const cut = offsets.length === 1 ? shown : sliceSpans(shown, begin, offsets[part + 1] ?? Infinity);
          const last = part === offsets.length - 1;
          out.push({ key: `${n}.${part}`, type: 'text', n, part, last, column, spans: cut, cut: line.cut, at: line.at });
        }
        break;
      }
      case 'waiting':
        out.push({ key: `${n}`, type: 'waiting', n });
        break;
      case 'failed':
        out.push({ key: `${n}`, type: 'failed', n, reason: pageOf(n) === failed || out.length < above ? null : line.reason });
        if (out.length > above) failed = pageOf(n);
        break;
      default:
        line satisfies never;
    }
  }
  return out;
}
