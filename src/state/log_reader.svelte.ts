/** What helps to read one log: what is looked for in it, its errors, and which of its lines are shown. */
import { matcherOf, type Matcher } from '../logview/find_matcher.ts';
import type { LogServer } from '../logview/log_server.ts';
import type { RowSource } from '../logview/row_source.ts';
import type { Mark } from '../logview/shown_spans.ts';
import type { LogQuery } from '../shared/protocol/run_log.ts';
import { HitRows } from './hit_rows.svelte.ts';
import { LogFind } from './log_find.svelte.ts';
import { LogMarks } from './log_marks.svelte.ts';
import { pageTimer } from './page_timer.ts';

/** What it needs of the view; null while there is none. */
export interface ReaderView {
  visibleRange(): { first: number; last: number };
  goToLine(n: number): void;
}

/** A line that was gone to. */
export interface Led {
  n: number;
  /** Number of the error, from 0, and of how many; null where it is none. */
  error: { k: number; count: number } | null;
}

const NO_MARKS: readonly Mark[] = [];
/** While a log is written, what comes is searched this often. */
const SEARCH_EVERY_MS = 2_000;

export class LogReader {
  readonly find: LogFind;
  readonly marks: LogMarks;
  /** The find bar is open. */
  finding = $state(false);
  readonly #run_id: number;
  readonly #server: LogServer;
  readonly #view: () => ReaderView | null;
  /** The error last gone to: the next one comes after it, wherever it stands on the screen. */
  #error = $state.raw(0);
  #led: Led | null = $state.raw(null);
  #stopWaiting: (() => void) | null = null;
  #context: number | null = $state.raw(null);
  #only: HitRows | null = $state.raw(null);
  readonly #matcher: Matcher | null = $derived.by(() =>
    this.finding && this.find.query.q !== '' ? matcherOf(this.find.query, 'found') : null,
  );

  constructor(run_id: number, server: LogServer, view: () => ReaderView | null) {
    this.#run_id = run_id;
    this.#server = server;
    this.#view = view;
    this.find = new LogFind({
      run_id,
      server,
      from: () => Math.max(1, view()?.visibleRange().first ?? 1),
      goTo: (n) => this.#lead(n, false),
    });
    this.marks = new LogMarks({
      run_id,
      server,
      now: () => pageTimer.now(),
      after: (ms, run) => pageTimer.after(ms, run),
    });
  }

  /** Lines around each matching line when only those are shown; null when all are. */
  get context(): number | null {
    return this.#context;
  }
  get rows(): RowSource | undefined {
    return this.#only ?? undefined;
  }
  /** Why not all matching lines are here; '' when they are, or will be. */
  get rows_why(): string {
    if (this.#only === null) return '';
    return this.#only.full ? 'More lines match than can be shown alone. Narrow the search.' : this.#only.problem;
  }

  /** Marks in line `n`, whose shown text is `text`. Where this page cannot tell what of the line one stands at matches, all of it is marked. */
  readonly marksOf = $derived.by(() => {
    const matcher = this.#matcher;
    const at = this.find.at;
    if (matcher === null && at === null) return null;
    return (n: number, text: string): readonly Mark[] => {
      const marks = matcher?.(text) ?? NO_MARKS;
      if (n !== at?.n) return marks;
      return (marks.length === 0 ? [{ from: 0, to: text.length }] : marks).map(({ from, to }) => ({ from, to, class: 'found now' }));
    };
  });

  ask(change: Partial<LogQuery>): void {
    this.find.ask(change);
    this.show(this.find.query.q === '' ? null : this.#context);
  }

  /** To the next match, or the one before. What could not be had of the matching lines is asked for again. */
  step(by: 1 | -1): void {
    void this.#only?.load();
    void this.find.step(by);
  }

  /** The log has grown. */
  grown(): void {
    if (!this.finding) return;
    this.#stopWaiting ??= pageTimer.after(SEARCH_EVERY_MS, () => {
      this.#stopWaiting = null;
      this.find.refresh();
      this.#only?.grown();
    });
  }

  /** @param context lines around each matching line; null shows all lines again. */
  show(context: number | null): void {
    this.#context = context;
    this.#only?.close();
    this.#only = context === null ? null : new HitRows(this.#server, this.#run_id, this.find.query, context);
    void this.#only?.load();
  }

  /** To the next error after the one gone to before, or after the first line in view; or to the one before it. @returns whether there is one. */
  goToError(by: 1 | -1): boolean {
    const view = this.#view();
    if (view === null) return false;
    const { first, last } = view.visibleRange();
    const from = this.#error >= first && this.#error <= last ? this.#error : first - by;
    const mark = this.marks.next(from, by);
    if (mark === null) return false;
    this.#lead(mark.n, true);
    return true;
  }

  /** Where find or the errors led to last; null when they did not. */
  get led(): Led | null {
    return this.#led;
  }

  /** Number of the error gone to last, from 0, while it is among these lines; else null. */
  errorIn({ first, last }: { first: number; last: number }): number | null {
    return this.#error >= first && this.#error <= last ? this.#numberOf(this.#error) : null;
  }

  /** Line `n` is gone to: where only matching lines are shown and it is none of them, all are shown again. */
  uncover(n: number): void {
    const rows = this.#only;
    if (rows === null || this.find.at?.n === n) return;
    const index = rows.indexOf(n);
    if (index >= rows.count || rows.row(index) !== n) this.show(null);
  }

  /** A log that is complete, of a run that failed, opens where it first says why. @param undisturbed whether the reader has gone nowhere else meanwhile. */
  async openAtError(bytes: number, undisturbed: () => boolean): Promise<void> {
    await this.marks.upTo(bytes, true);
    const [first] = this.marks.errors;
    if (first === undefined || !undisturbed()) return;
    this.#lead(first.n, true);
  }

  /** Ends finding, where something was looked for. @returns whether it was. */
  end(): boolean {
    if (!this.finding) return false;
    this.leave();
    return true;
  }

  #lead(n: number, isError: boolean): void {
    if (isError) this.#error = n;
    const k = isError ? this.#numberOf(n) : null;
    // As it is now: while the log is written it is not said again with each error that comes.
    this.#led = { n, error: k === null ? null : { k, count: this.marks.count } };
    this.#view()?.goToLine(n);
  }

  #numberOf(n: number): number | null {
    const k = this.marks.errors.findIndex((mark) => mark.n === n);
    return k < 0 ? null : k;
  }

  /** Ends finding. */
  leave(): void {
    this.finding = false;
    if (this.#led?.error === null) this.#led = null;
    this.find.close();
    this.show(null);
  }

  /** Idempotent. */
  close(): void {
    this.leave();
    this.#stopWaiting?.();
    this.marks.close();
  }
}
