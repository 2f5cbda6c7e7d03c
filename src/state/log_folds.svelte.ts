/** Which sections of a log are folded. A folded section leaves its first line standing. */
import { FoldedRows, HiddenLines } from '../logview/folded_rows.ts';
import type { RowSource } from '../logview/row_source.ts';
import type { MarksAnswer } from '../shared/protocol/run_log.ts';

export type Section = MarksAnswer['sections'][number];

export class LogFolds {
  #folded: ReadonlySet<number> = $state.raw(new Set());
  readonly #sections: () => readonly Section[];
  readonly #byLine: ReadonlyMap<number, Section> = $derived.by(() => new Map(this.#sections().map((section) => [section.from, section])));
  readonly #hidden: HiddenLines = $derived.by(
    () => new HiddenLines(this.#foldedSections().map(({ from, to }) => ({ from: from + 1, to: to ?? Infinity }))),
  );

  /** @param sections each begins on a line of its own. */
  constructor(sections: () => readonly Section[]) {
    this.#sections = sections;
  }

  /** Sections of the log. */
  get count(): number {
    return this.#byLine.size;
  }
  get allFolded(): boolean {
    return this.count > 0 && this.#foldedSections().length === this.count;
  }

  /** The section that begins at line `n`; null when none does, or it has only that line. */
  at(n: number): Section | null {
    const section = this.#byLine.get(n);
    return section === undefined || section.to === n ? null : section;
  }
  isFolded(n: number): boolean {
    return this.#folded.has(n);
  }

  /** @param lines of the log. @returns undefined when all of them are shown. */
  rows(lines: number): RowSource | undefined {
    return this.#hidden.none ? undefined : new FoldedRows(lines, this.#hidden);
  }

  /** The innermost section that line `n` is in. */
  around(n: number): Section | null {
    let found: Section | null = null;
    for (const section of this.#byLine.values()) if (holds(section, n) && (found === null || section.from > found.from)) found = section;
    return found;
  }

  toggle(from: number): void {
    const folded = new Set(this.#folded);
    if (!folded.delete(from)) folded.add(from);
    this.#folded = folded;
  }
  foldAll(): void {
    this.#folded = new Set(this.#byLine.keys());
  }
  unfoldAll(): void {
    this.#folded = new Set();
  }

  /** Unfolds what hides line `n`. */
  reveal(n: number): void {
    const hiding = this.#foldedSections().filter((section) => section.from !== n && holds(section, n));
    if (hiding.length === 0) return;
    const open = new Set(hiding.map(({ from }) => from));
    this.#folded = new Set([...this.#folded].filter((from) => !open.has(from)));
  }

  #foldedSections(): Section[] {
    return [...this.#folded].map((from) => this.#byLine.get(from)).filter((section) => section !== undefined);
  }
}

function holds({ from, to }: Section, n: number): boolean {
  return n >= from && n <= (to ?? Infinity);
}
