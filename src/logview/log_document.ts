/**
 * One run's log as this page has it: stretches of text in the order of the file, and what lies between them, not loaded. Absence is a row:
 * whatever was skipped, dropped or never asked for is named with its size in bytes and can be asked for. Chunks may come twice or leave
 * something out; the text shown is the file's all the same. At most `LINES_MAX` lines are held; the oldest go first.
 */
import type { Style } from './ansi.ts';
import { TextPiece } from './text_piece.ts';

export const LINES_MAX = 200_000;
/** Dropped at once, so that dropping is rare. */
const DROP_LINES = 10_000;

export interface Gap {
  from: number;
  /** Exclusive. */
  to: number;
}
export type LogRow = { type: 'line'; raw: string; start: Style } | { type: 'gap'; gap: Gap };
type Piece = { type: 'text'; from: number; text: TextPiece } | { type: 'gap'; from: number; to: number };

/** Rows appeared (or went) before row `at`: a reader who looks at a later one must be kept there. */
export interface Shift {
  at: number;
  by: number;
}

export interface ChunkBytes {
  offset: number;
  bytes: number;
  text: string;
}

export class LogDocument {
  #pieces: Piece[] = [];
  #end: number;
  #shifts: Shift[] = [];
  #appended = 0;
  #changes = 0;
  readonly #lines_max: number;

  /** @param from byte offset the reading begins at; what is before it is not loaded. */
  constructor(from: number, lines_max = LINES_MAX) {
    this.#end = from;
    this.#lines_max = lines_max;
    if (from > 0) this.#pieces.push({ type: 'gap', from: 0, to: from });
  }

  /** Byte offset after the last byte known. */
  get end(): number {
    return this.#end;
  }

  get rows(): number {
    return this.#pieces.reduce((sum, piece) => sum + rowsOf(piece), 0);
  }

  /** Rows ever added at the end. */
  get appended(): number {
    return this.#appended;
  }

  /** Counts every change to rows other than the last: lengths measured before are no longer right. */
  get changes(): number {
    return this.#changes;
  }

  row(index: number): LogRow {
    let rest = index;
    for (const piece of this.#pieces) {
      const rows = rowsOf(piece);
      if (rest < rows)
        return piece.type === 'gap' ? { type: 'gap', gap: { from: piece.from, to: piece.to } } : { type: 'line', ...piece.text.line(rest) };
      rest -= rows;
    }
    throw new RangeError(`row ${index} of ${this.rows}`);
  }

  /** @returns false when the chunk begins before the end and goes beyond it: it cannot be cut to the byte here, ask again from `end`. */
  append({ offset, bytes, text }: ChunkBytes): boolean {
    if (offset + bytes <= this.#end) return true;
    if (offset < this.#end) return false;
    this.skipTo(offset);
    const last = this.#pieces.at(-1);
    const piece = last?.type === 'text' ? last.text : this.#newText(offset);
    const before = piece.rows;
    piece.feed(text, offset);
    this.#appended += piece.rows - before;
    this.#end = offset + bytes;
    this.#bound();
    return true;
  }

  /** Bytes up to `to` will not come by themselves. */
  skipTo(to: number): void {
    if (to <= this.#end) return;
    const last = this.#pieces.at(-1);
    if (last?.type === 'gap') last.to = to;
    else {
      this.#pieces.push({ type: 'gap', from: this.#end, to });
      this.#appended++;
    }
    this.#end = to;
  }

  /** Whether there is room to load what was dropped. */
  get full(): boolean {
    return this.rows + DROP_LINES > this.#lines_max;
  }

  /** Puts bytes [from, to) of the file where they belong; `to` is the end of a gap, `from` lies in it. Anything else is no longer wanted and ignored. */
  fill(from: number, to: number, text: string): void {
    const index = this.#pieces.findIndex((piece) => piece.type === 'gap' && piece.to === to && piece.from <= from && from < to);
    const gap = this.#pieces[index];
    if (gap?.type !== 'gap') return;
    const before = this.rows;
    const at = this.#rowsBefore(index);
    const loaded = new TextPiece();
    loaded.feed(text, from);
    const next = this.#pieces[index + 1];
    if (next?.type === 'text') loaded.absorb(next.text);
    const previous = this.#pieces[index - 1];
    const whole = gap.from === from;
    const middle: Piece[] = whole ? [] : [{ type: 'gap', from: gap.from, to: from }];
    if (whole && previous?.type === 'text') previous.text.absorb(loaded);
    else middle.push({ type: 'text', from, text: loaded });
    this.#pieces.splice(index, next?.type === 'text' ? 2 : 1, ...middle);
    this.#shift(at, this.rows - before);
  }

  /** Since the last call, in order. */
  takeShifts(): readonly Shift[] {
    const shifts = this.#shifts;
    this.#shifts = [];
    return shifts;
  }

  #newText(from: number): TextPiece {
    const text = new TextPiece();
    this.#pieces.push({ type: 'text', from, text });
    return text;
  }

  #rowsBefore(index: number): number {
    return this.#pieces.slice(0, index).reduce((sum, piece) => sum + rowsOf(piece), 0);
  }

  #shift(at: number, by: number): void {
    this.#changes++;
    if (by !== 0) this.#shifts.push({ at, by });
  }

  /** Drops from the front until there is room; what is dropped becomes part of the first gap. */
  #bound(): void {
    if (this.rows <= this.#lines_max) return;
    const before = this.rows;
    const first = this.#pieces.findIndex((piece) => piece.type === 'text');
    const piece = this.#pieces[first];
    if (piece?.type !== 'text') return;
    const whole = this.#pieces.slice(first + 1).some((later) => later.type === 'text');
    const all = { from: this.#endOf(first) };
    const cut = whole && piece.text.rows <= DROP_LINES ? all : piece.text.dropFront(Math.min(DROP_LINES, Math.ceil(this.#lines_max / 20)));
    if (cut === null && this.rows <= this.#lines_max * 2) return;
    // Undecodable bytes at every border leave no line whose place in the file is known: then the whole stretch goes, for the bound must hold.
    this.#dropTo(first, cut?.from ?? all.from, before);
  }

  #dropTo(first: number, from: number, before: number): void {
    const piece = this.#pieces[first];
    if (piece?.type !== 'text') return;
    const rest: Piece[] = from === this.#endOf(first) ? [] : [{ type: 'text', from, text: piece.text }];
    const later = this.#pieces.slice(first + 1);
    const beyond = rest.length === 0 && later[0]?.type === 'gap' ? later.shift() : undefined;
    this.#pieces = [{ type: 'gap', from: 0, to: beyond?.type === 'gap' ? beyond.to : from }, ...rest, ...later];
    this.#shift(0, this.rows - before);
  }

  #endOf(index: number): number {
    return this.#pieces[index + 1]?.from ?? this.#end;
  }
}

function rowsOf(piece: Piece): number {
  return piece.type === 'gap' ? 1 : piece.text.rows;
}
