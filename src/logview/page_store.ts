/** The pages of a log that are held: those looked at last, as many as the bound allows. */
import type { HeldLine } from './held_line.ts';
import { pageOf, type LogPage } from './log_page.ts';

export interface StoreBound {
  lines: number;
  /** UTF-16 units. */
  chars: number;
}

export class PageStore {
  /** The one looked at longest ago first. */
  readonly #pages = new Map<number, LogPage>();
  readonly #bound: StoreBound;

  constructor(bound: StoreBound) {
    this.#bound = bound;
  }

  line(n: number): HeldLine | null {
    return this.#pages.get(pageOf(n))?.line(n) ?? null;
  }

  get(page: number): LogPage | null {
    return this.#pages.get(page) ?? null;
  }

  put(page: number, content: LogPage): void {
    this.#pages.delete(page);
    this.#pages.set(page, content);
  }

  /** Drops what was looked at longest ago until the bound holds; the pages in view stay. */
  keep(in_view: ReadonlySet<number>): void {
    for (const page of in_view) {
      const held = this.#pages.get(page);
      if (held !== undefined) this.put(page, held);
    }
    let { lines, chars } = this.size;
    for (const [page, held] of this.#pages) {
      if (lines <= this.#bound.lines && chars <= this.#bound.chars) return;
      if (in_view.has(page)) continue;
      this.#pages.delete(page);
      lines -= held.lines;
      chars -= held.chars;
    }
  }

  get size(): StoreBound {
    let lines = 0;
    let chars = 0;
    for (const page of this.#pages.values()) {
      lines += page.lines;
      chars += page.chars;
    }
    return { lines, chars };
  }
}
