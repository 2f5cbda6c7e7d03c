/** Cuts bytes into lines as they come. Bounded: of a line without end only the first 16 KiB are kept; the rest is counted and dropped. */

export const LINE_KEPT_BYTES = 16 * 1024;
const NEWLINE = 10;

export interface Line {
  /** 1 for the first. */
  n: number;
  /** Byte offset of its beginning. */
  offset: number;
  /** Lossy UTF-8, without the line end. */
  text: () => string;
  cut: boolean;
}

export class LineSplitter {
  #n = 0;
  #offset = 0;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  /** @returns the lines that `data` completes. */
  push(data: Buffer): Line[] {
    const lines: Line[] = [];
    let begin = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, begin)) {
      this.#take(data.subarray(begin, end));
      lines.push(this.#line(1));
      begin = end + 1;
    }
    this.#take(data.subarray(begin));
    return lines;
  }

  /** @returns the last line when it has no line end. */
  end(): Line[] {
    return this.#bytes > 0 ? [this.#line(0)] : [];
  }

  #take(part: Buffer): void {
    this.#bytes += part.length;
    const room = LINE_KEPT_BYTES - this.#keptBytes;
    if (room <= 0 || part.length === 0) return;
    const kept = part.subarray(0, room);
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  #line(endBytes: number): Line {
    const kept = this.#kept;
    const line: Line = { n: ++this.#n, offset: this.#offset, text: () => textOf(kept), cut: this.#bytes > this.#keptBytes };
    this.#offset += this.#bytes + endBytes;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#bytes = 0;
    return line;
  }
}

function textOf(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
}
