/**
 * What is selected of a log, and what is done with it: copied, linked to, downloaded. A selection is lines and columns and holds while its rows leave the screen
 * and the memory; it ends when the reader ends it. Lines that were chosen by their numbers stand in the address, too.
 */
import { heldText } from '../logview/extract_text.ts';
import { chosenLines, lineHash, movedTo, type ChosenLines, type LinkedLines } from '../logview/line_address.ts';
import type { LogBook } from '../logview/log_book.ts';
import { extractOf, isEmpty, linesOf, type Selection } from '../logview/log_selection.ts';
import { counted } from '../shared/words/version.ts';
import type { ByteRange } from '../transport/api.ts';
import type { ClipboardPort } from './clipboard.ts';
import { bytesOfLines, loadText, type CopyDeps } from './log_copying.ts';

export interface ExcerptDeps extends CopyDeps {
  book: LogBook;
  clipboard: ClipboardPort;
  /** Replaces what stands behind `#` in the address; '' takes it away. */
  address(hash: string): void;
  /** The address of the page with another `#…`. */
  link(hash: string): string;
  /** @returns its undo. */
  after(ms: number, run: () => void): () => void;
}

/** While lines are dragged over the address waits: browsers stop pages that change it often. */
export const ADDRESS_AFTER_MS = 150;
/** With nothing selected, what became of the last copy says so as long as this. */
export const RECEIPT_MS = 10_000;

export type Receipt =
  { type: 'none' } | { type: 'loading'; share: number } | { type: 'done'; words: string } | { type: 'failed'; words: string };

export class LogExcerpt {
  readonly #deps: ExcerptDeps;
  #selection: Selection | null = $state.raw(null);
  #receipt: Receipt = $state.raw({ type: 'none' });
  #copying: AbortController | null = null;
  #stopTelling: (() => void) | null = null;
  #stopReceipt: (() => void) | null = null;
  #closed = false;

  constructor(deps: ExcerptDeps) {
    this.#deps = deps;
  }

  /** Null when nothing is. */
  get selection(): Selection | null {
    return this.#selection === null || isEmpty(this.#selection) ? null : this.#selection;
  }
  /** Where a selection of text begins and ends, also while that is one place. */
  get text(): (Selection & { type: 'text' }) | null {
    return this.#selection?.type === 'text' ? this.#selection : null;
  }
  /** Lines chosen by their numbers; null when none are. */
  get lines(): ChosenLines | null {
    return this.#selection?.type === 'lines' ? linesOf(this.#selection) : null;
  }
  get receipt(): Receipt {
    return this.#receipt;
  }

  select(selection: Selection | null): void {
    const had = this.lines;
    this.#forget();
    this.#selection = selection;
    if (selection?.type === 'lines')
      this.#stopTelling = this.#deps.after(ADDRESS_AFTER_MS, () => void this.#tellAddress(linesOf(selection)));
    else if (had !== null) this.#deps.address('');
  }

  /** A line was pressed by its number, or a range up to it. */
  choose(n: number, extend: boolean): void {
    this.select({ type: 'lines', anchor: extend ? this.#anchor(n) : n, focus: n });
  }

  /** The line that moves when a range is extended by a key; null when no lines are chosen. */
  get focus(): number | null {
    return this.#selection?.type === 'lines' ? this.#selection.focus : null;
  }

  /** @returns whether anything was selected. */
  clear(): boolean {
    const had = this.selection !== null || this.#receipt.type !== 'none';
    this.select(null);
    return had;
  }

  /** Lines an address names are chosen. @param show goes to a line; twice when the byte in the address is elsewhere than its number. @throws as the server. */
  async open(hash: string, show: (n: number) => void): Promise<void> {
    const linked = chosenLines(hash);
    // Gone back to before they were chosen.
    if (hash === '' && this.lines !== null) this.#forget();
    if (linked === null) return;
    const first = this.#held(linked);
    if (first.to === 0) return;
    const named: Selection = { type: 'lines', anchor: first.from, focus: first.to };
    this.#selection = named;
    show(first.from);
    const lines = this.#held(await this.#whereTheByteIs(linked));
    // What the reader chose meanwhile counts for more.
    if (this.#closed || this.#selection !== named) return;
    if (lines.from === linked.from && lines.to === linked.to) return;
    this.#selection = { type: 'lines', anchor: lines.from, focus: lines.to };
    this.#deps.address(lineHash(lines, linked.offset));
    if (lines.from !== first.from) show(lines.from);
  }

  /** For a copy that must be answered at once; null when it is not all here, or nothing is selected. */
  textNow(): string | null {
    const { selection } = this;
    return selection === null ? null : heldText(this.#deps.book, extractOf(selection), false);
  }
  /** Says that `textNow` was copied. */
  copied(): void {
    const { selection } = this;
    if (selection !== null) this.#receipt = { type: 'done', words: copiedWords(selection) };
  }

  /** Never rejects; see `receipt`. */
  async copy(colours: boolean): Promise<void> {
    const { selection } = this;
    if (selection === null) return;
    this.#stop();
    const copying = new AbortController();
    this.#copying = copying;
    await this.#receipted(
      copying,
      () => this.#deps.clipboard.put(this.#textOf(selection, colours, copying.signal)),
      () => copiedWords(selection),
    );
  }

  /** Copies the address of what is selected, or of line `n`. Never rejects; see `receipt`. */
  async copyLink(n: number): Promise<void> {
    this.#stop();
    const copying = new AbortController();
    this.#copying = copying;
    const lines = this.#selection === null ? { from: n, to: n } : linesOf(this.#selection);
    await this.#receipted(
      copying,
      () => this.#deps.clipboard.put(this.#offsetOf(lines.from).then((offset) => this.#deps.link(lineHash(lines, offset)))),
      () => 'Link copied.',
    );
  }

  /** Of the whole lines that are selected. @throws as the server. */
  async bytes(): Promise<ByteRange | null> {
    if (this.#selection === null) return null;
    const { from, to } = linesOf(this.#selection);
    return bytesOfLines(this.#deps, from, to);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#copying?.abort();
    this.#stopTelling?.();
    this.#stopReceipt?.();
  }

  /** Byte offset of a line; null when the server does not say it. */
  async #offsetOf(n: number): Promise<number | null> {
    const line = this.#deps.book.line(n);
    if (line.type === 'line' && line.offset !== null) return line.offset;
    const answer = await this.#deps.server.place(this.#deps.run_id, { line: n });
    return answer.n === n ? answer.offset : null;
  }

  /** Those of them that a complete log has, or its last line; of one that is written all of them may be still to come. */
  #held({ from, to }: ChosenLines): ChosenLines {
    const { stat } = this.#deps.book;
    const last = stat?.closed === true ? stat.lines : Infinity;
    return { from: Math.min(from, last), to: Math.min(to, last) };
  }

  async #whereTheByteIs({ offset, ...lines }: LinkedLines): Promise<ChosenLines> {
    if (offset === null) return lines;
    const { n, bytes } = await this.#deps.server.place(this.#deps.run_id, { offset });
    // A log that is still shorter than it was when the link was made has only the number.
    return n === 0 || offset >= bytes ? lines : movedTo(lines, n);
  }

  /** By number; with the byte when it is known. Without it the address holds as long as numbers do. */
  async #tellAddress(lines: ChosenLines): Promise<void> {
    const selection = this.#selection;
    this.#deps.address(lineHash(lines));
    try {
      const offset = await this.#offsetOf(lines.from);
      if (!this.#closed && this.#selection === selection) this.#deps.address(lineHash(lines, offset));
    } catch {
      // The number stands.
    }
  }

  #textOf(selection: Selection, colours: boolean, signal: AbortSignal): Promise<string> {
    const extract = extractOf(selection);
    const held = heldText(this.#deps.book, extract, colours);
    if (held !== null) return Promise.resolve(held);
    this.#receipt = { type: 'loading', share: 0 };
    return loadText(this.#deps, extract, colours, (share) => !signal.aborted && (this.#receipt = { type: 'loading', share }), signal);
  }

  async #receipted(copying: AbortController, put: () => Promise<void>, words: () => string): Promise<void> {
    let receipt: Receipt;
    try {
      await put();
      receipt = { type: 'done', words: words() };
    } catch (error) {
      receipt = { type: 'failed', words: error instanceof Error ? error.message : String(error) };
    }
    if (this.#copying !== copying || this.#closed) return;
    this.#receipt = receipt;
    // With a selection it goes when that does.
    if (this.selection === null) this.#stopReceipt = this.#deps.after(RECEIPT_MS, () => this.#stop());
  }

  #anchor(n: number): number {
    const selection = this.#selection;
    if (selection === null) return n;
    return selection.type === 'lines' ? selection.anchor : selection.anchor.line;
  }

  #forget(): void {
    this.#selection = null;
    this.#stop();
    this.#stopTelling?.();
    this.#stopTelling = null;
  }

  /** Ends a copy that is under way, and takes away what was said of the one before. */
  #stop(): void {
    this.#copying?.abort();
    this.#copying = null;
    this.#stopReceipt?.();
    this.#stopReceipt = null;
    this.#receipt = { type: 'none' };
  }
}

function copiedWords(selection: Selection): string {
  const { from, to } = linesOf(selection);
  return from === to && selection.type === 'text' ? 'Copied.' : `Copied ${counted(to - from + 1, 'line')}.`;
}
