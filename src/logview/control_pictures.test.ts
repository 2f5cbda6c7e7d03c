import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLAIN, plainText } from '../shared/output/ansi.ts';
import { isPicture } from './control_pictures.ts';
import type { BookLine } from './held_line.ts';
import { LineLooks } from './line_looks.ts';
import { AllRows } from './row_source.ts';
import { screenRows, type ScreenRow } from './screen_rows.ts';
import type { Mark } from './shown_spans.ts';

const E = '\u001b';
const WIDTH = 20;

type TextRow = ScreenRow & { type: 'text' };

function rowsOf(raw: string, { columns = null, controls = true, marks = [] }: Drawn = {}): TextRow[] {
  const line: BookLine = { type: 'line', raw, start: PLAIN, cut: null, offset: null, at: null };
  const source = { book: { lines: 1, line: () => line }, rows: new AllRows(1), notes: 0, marksOf: () => marks };
  const rows = screenRows(source, new LineLooks(columns, controls), { index: 0, part: 0, y: 0 }, { above: 0, count: 1_000 });
  return rows.filter((row) => row.type === 'text');
}
interface Drawn {
  columns?: number | null;
  controls?: boolean;
  marks?: readonly Mark[];
}

const drawn = (rows: readonly TextRow[]): string => rows.map(({ spans }) => spans.map(({ text }) => text).join('')).join('');
/** What of the rows is the line's text. */
const textOf = (row: TextRow): string =>
  row.spans
    .filter((span) => !isPicture(span))
    .map(({ text }) => text)
    .join('');

test('control characters and dropped sequences are drawn when asked for', () => {
  const raw = `one${E}[2K two\u0007`;
  expect(drawn(rowsOf(raw, { controls: false }))).toBe('one two');
  expect(drawn(rowsOf(raw))).toBe('one␛[2K two␇');
});

test('what is found is marked where its text is drawn, and what is drawn within it too', () => {
  const marks = [{ from: 3, to: 7, class: 'found' }];
  const spans = rowsOf(`a \u0007ne\u0008ed\u0007le\u0007`, { marks: [{ from: 2, to: 8, class: 'found' }] }).flatMap((row) => row.spans);
  expect(spans.map(({ text, mark }) => [text, mark])).toEqual([
    ['a ', undefined],
    ['␇', undefined],
    ['ne', 'found'],
    ['␈', 'found'],
    ['ed', 'found'],
    ['␇', 'found'],
    ['le', 'found'],
    ['␇', undefined],
  ]);
  expect(rowsOf('a needle', { marks }).flatMap((row) => row.spans.map(({ text, mark }) => [text, mark]))).toEqual([
    ['a n', undefined],
    ['eedl', 'found'],
    ['e', undefined],
  ]);
});

test('the columns of rows are those of the text', () => {
  const piece = fc.constantFrom('a', 'bc', ' ', '\u0007', `${E}[2K`, `${E}[31m`, '\u009b', '漢');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const raw = pieces.join('');
      const rows = rowsOf(raw, { columns: WIDTH });
      const text = plainText(raw);
      expect(rows.map(textOf).join('')).toBe(text);
      for (const row of rows) expect(text.slice(row.column, row.column + textOf(row).length)).toBe(textOf(row));
      expect(rows.map(({ column }) => column)).toEqual(rows.map(({ column }) => column).toSorted((a, b) => a - b));
    }),
  );
});
