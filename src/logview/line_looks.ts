/** How lines look, worked out once for as long as they stay on the screen, and how many rows they wrap to. */
import { parseLine, type Span } from '../shared/output/ansi.ts';
import { wrapOffsets } from './display_width.ts';
import { isPicture } from './control_pictures.ts';
import type { HeldLine } from './held_line.ts';
import type { ShownSpan } from './shown_spans.ts';
import { unseenApart } from './unseen.ts';

export interface LineLook {
  spans: readonly ShownSpan[];
  /** Its text: what is shown of it without colours and pictures of control characters. */
  text: string;
  /** Whether `spans` hold such pictures. */
  has_pictures: boolean;
  /** Where its rows begin among the characters of `spans`. */
  offsets: readonly number[];
}

const LOOKS_KEPT = 1_000;
const MEASURED_MOST = 50_000;
const ONE_ROW = [0];

export class LineLooks {
  readonly #columns: number | null;
  readonly #controls: boolean;
  readonly #looks = new Map<number, { line: HeldLine; look: LineLook }>();
  readonly #measured = new Map<number, number>();
  #rows = 0;

  /** @param columns to wrap at; null for one row a line. @param controls shows control characters and the sequences that are dropped otherwise. */
  constructor(columns: number | null, controls: boolean) {
    this.#columns = columns;
    this.#controls = controls;
  }

  get columns(): number | null {
    return this.#columns;
  }

  /** Rows of a line, on the average of those measured. */
  get rows_a_line(): number {
    return this.#measured.size === 0 ? 1 : this.#rows / this.#measured.size;
  }

  of(n: number, line: HeldLine): LineLook {
    const known = this.#looks.get(n);
    if (known !== undefined && known.line.raw === line.raw && known.line.start === line.start) return known.look;
    const spans = unseenApart(parseLine(line.raw, line.start, { controls: this.#controls }).spans, this.#controls);
    const drawn = textOf(spans);
    const has_pictures = this.#controls && spans.some(isPicture);
    const text = has_pictures ? textOf(spans.filter((span) => !isPicture(span))) : drawn;
    const look = { spans, text, has_pictures, offsets: this.#columns === null ? ONE_ROW : wrapOffsets(drawn, this.#columns) };
    if (this.#looks.size >= LOOKS_KEPT) this.#looks.clear();
    this.#looks.set(n, { line, look });
    if (this.#columns !== null) this.#measure(n, look.offsets.length);
    return look;
  }

  #measure(n: number, rows: number): void {
    if (this.#measured.size >= MEASURED_MOST) {
      this.#measured.clear();
      this.#rows = 0;
    }
    this.#rows += rows - (this.#measured.get(n) ?? 0);
    this.#measured.set(n, rows);
  }
}

function textOf(spans: readonly Span[]): string {
  return spans.length === 1 ? (spans[0]?.text ?? '') : spans.map((span) => span.text).join('');
}
