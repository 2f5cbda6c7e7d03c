/**
 * What the lane of a run has sent: stretches without a hole, the newest lines of the log as far as the bound allows. It knows how far the log reaches and how many
 * lines that is; after a gap the number of lines is not known until a chunk tells its own.
 */
import { PLAIN, type Style } from '../shared/output/ansi.ts';
import type { HeldLine } from './held_line.ts';
import { LaneStretch } from './lane_stretch.ts';
import type { StoreBound } from './page_store.ts';

/** Stretches kept; each gap begins one. */
const STRETCHES_MOST = 64;

export interface ChunkText {
  offset: number;
  bytes: number;
  text: string;
  /** Number of the line its first byte is in. */
  line: number | null;
  /** When it was stored, ms since the epoch. */
  at: number | null;
}

/** The beginning of a line, known from elsewhere. */
export interface LineStart {
  offset: number;
  line: number;
  style: Style;
}

/** Bytes of a log, and the lines in them: the last one counts when it has a byte. */
export interface Extent {
  bytes: number;
  lines: number;
}

export class LogLane {
  #stretches: LaneStretch[] = [];
  #start: LineStart = { offset: 0, line: 1, style: PLAIN };
  /** After the last byte sent or left out. */
  #end = 0;
  /** After the last byte of the last stretch. */
  #fed = -1;
  #counted: Extent = { bytes: 0, lines: 0 };
  readonly #bound: StoreBound;

  constructor(bound: StoreBound) {
    this.#bound = bound;
  }

  /** Byte offset to go on from. */
  get end(): number {
    return this.#end;
  }
  /** How far the number of lines is known. */
  get counted(): Extent {
    return this.#counted;
  }
  get size(): StoreBound {
    return {
      lines: this.#stretches.reduce((sum, { lines }) => sum + lines, 0),
      chars: this.#stretches.reduce((sum, { chars }) => sum + chars, 0),
    };
  }

  /** Call before the first chunk. */
  startAt(start: LineStart): void {
    this.#start = start;
    this.#end = start.offset;
  }

  /** The log is known to have so many lines in so many bytes. */
  count(extent: Extent): void {
    if (extent.bytes > this.#counted.bytes) this.#counted = extent;
  }

  /** @returns `overlap` when the chunk begins before the end and goes beyond it: it cannot be cut to the byte here, ask again from `end`. */
  feed({ offset, bytes, text, line, at }: ChunkText): 'fed' | 'known' | 'overlap' | 'not_numbered' {
    if (offset + bytes <= this.#end) return 'known';
    if (offset < this.#end) return 'overlap';
    this.#end = offset + bytes;
    if (offset !== this.#fed && !this.#begin(offset, line)) return 'not_numbered';
    const stretch = this.#stretches.at(-1);
    stretch?.feed(text, at);
    this.#fed = this.#end;
    this.count({ bytes: this.#end, lines: stretch?.last ?? 0 });
    this.#keep();
    return 'fed';
  }

  /** Bytes up to `to` will not come by themselves. */
  skipTo(to: number): void {
    this.#end = Math.max(this.#end, to);
  }

  line(n: number): HeldLine | null {
    let newest = this.#counted.bytes <= this.#fed;
    for (let i = this.#stretches.length - 1; i >= 0; i--, newest = false) {
      const line = this.#stretches[i]?.line(n, newest) ?? null;
      if (line !== null) return line;
    }
    return null;
  }

  /** A line whose style before it must be said; null when there is none. */
  get styleWanted(): number | null {
    const stretch = this.#stretches.at(-1);
    return stretch?.needsStyle === true ? stretch.first : null;
  }
  begins(n: number, style: Style): void {
    for (const stretch of this.#stretches) stretch.begins(n, style);
  }

  #begin(offset: number, line: number | null): boolean {
    const start = this.#start;
    if (offset === start.offset) this.#stretches.push(new LaneStretch({ line: start.line, whole: true, style: start.style }));
    else if (line !== null) this.#stretches.push(new LaneStretch({ line, whole: false, style: null }));
    else return false;
    return true;
  }

  /** The oldest stretches go first; the newest keeps what the bound allows it alone. */
  #keep(): void {
    const { lines, chars } = this.#bound;
    const over = (): boolean => {
      const size = this.size;
      return this.#stretches.length > STRETCHES_MOST || size.lines > lines || size.chars > chars;
    };
    while (this.#stretches.length > 1 && over()) this.#stretches.shift();
    this.#stretches.at(-1)?.bound(lines, chars);
  }
}
