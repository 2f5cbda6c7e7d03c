/**
 * The log of one run as it is written: its book, fed by the socket from where the book ends, over every reconnect. Lines change once per frame (`version`),
 * however many chunks came. What it shows is the file's text in the file's order, or a row that says what is missing; never a guess.
 */
import { LogBook, SHORT_LOG_BYTES } from '../logview/log_book.ts';
import type { LogServer } from '../logview/log_server.ts';
import { utf8Length } from '../logview/held_line.ts';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import { ApiError } from '../transport/http_json.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import type { Scheduler } from './frame.ts';

/** The server's word for a log that its bounds have taken away. */
const LOG_DELETED = 'log_deleted';
/** Before a log that could not be opened is tried again: at first, and at most. */
export const OPEN_AGAIN_MS = 1_000;
export const OPEN_AGAIN_MOST_MS = 15_000;

export interface LogTailDeps {
  watch(run_id: number, watcher: LogWatcher): () => void;
  rewatch(run_id: number): void;
  server: LogServer;
  /** Bytes of the log now; null when there is none yet. @throws ApiError */
  size(run_id: number): Promise<number | null>;
  schedule: Scheduler;
  /** @returns its undo. */
  after(ms: number, run: () => void): () => void;
}

export class LogTail implements LogWatcher {
  readonly run_id: number;
  readonly book: LogBook;
  /** Resolves when it is known how long the log is, or that it was deleted. */
  readonly opened: Promise<void>;
  #version = $state.raw(0);
  #ended = $state.raw(false);
  #problem = $state.raw('');
  #deleted = $state.raw<string | null>(null);
  #last_at = -Infinity;
  readonly #deps: LogTailDeps;
  #unwatch: (() => void) | null = null;
  #planned: (() => void) | null = null;
  #stopWaiting: (() => void) | null = null;
  #again_ms = OPEN_AGAIN_MS;
  #closed = false;
  #told: () => void = () => undefined;
  #known = $state.raw(false);

  constructor(run_id: number, deps: LogTailDeps) {
    this.run_id = run_id;
    this.#deps = deps;
    this.book = new LogBook({ run_id, server: deps.server, changed: () => this.#changed() });
    this.opened = new Promise((resolve) => (this.#told = resolve));
  }

  /** Changes with the lines of the book. */
  get version(): number {
    return this.#version;
  }
  /** How long it is was told; until then nothing of it is known, not that it is empty. */
  get known(): boolean {
    return this.#known;
  }
  /** The log is closed and the lane has said how long it is. */
  get ended(): boolean {
    return this.#ended;
  }
  /** Why there is nothing to read, or no more; '' when all is well. */
  get problem(): string {
    return this.#problem;
  }

  /** Why and when the log was deleted, as a sentence; null while it is there. */
  get deleted(): string | null {
    return this.#deleted;
  }
  /** When output came last, ms since the epoch; null when not known. As new as `version`. */
  get last_at(): number | null {
    const at = Math.max(this.#last_at, this.book.stat?.last_at ?? -Infinity);
    return at === -Infinity ? null : at;
  }

  /** Call once. Without an answer it is tried again: from its beginning a long log would come for minutes. */
  async open(): Promise<void> {
    try {
      await this.book.open();
      this.#problem = '';
      if (!this.#closed) this.#unwatch = this.#deps.watch(this.run_id, this);
      this.#known = true;
      this.#told();
    } catch (error) {
      this.#refused(error);
      if (this.#deleted !== null) this.#told();
      else if (!this.#closed) this.#openAgain();
    }
    this.#changed();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#stopWaiting?.();
    this.#planned?.();
    this.#planned = null;
    this.book.close();
  }

  offset(): number {
    return this.book.lane_end;
  }

  /** What came while there was no link, or the machine slept, is not pushed when it is long: it is there for who looks at it. */
  async relinked(): Promise<void> {
    try {
      const stat = await this.book.askStat();
      if (stat !== null && stat.bytes - this.book.lane_end > SHORT_LOG_BYTES) this.book.skipTo(stat.bytes);
    } catch (error) {
      this.#refused(error);
    }
    this.#changed();
  }

  chunk({ text, offset, bytes, line, at }: Chunk): void {
    const taken = this.book.feed({
      text,
      offset: offset ?? this.book.lane_end,
      bytes: bytes ?? utf8Length(text),
      line: line ?? null,
      at: Date.parse(at),
    });
    if (!taken) this.#deps.rewatch(this.run_id);
    this.#problem = '';
    this.#last_at = Math.max(this.#last_at, Date.parse(at));
  }

  gap(_from: number, to: number): void {
    this.book.skipTo(to);
  }

  end(bytes: number): void {
    this.book.end(bytes);
    this.#ended = true;
    // For its hash, and what is said of how long it is kept.
    this.book.askStat().then(
      () => this.#changed(),
      (error: unknown) => this.#refused(error),
    );
  }

  failed(message: string): void {
    this.#problem = message;
  }

  #openAgain(): void {
    this.#stopWaiting = this.#deps.after(this.#again_ms, () => void this.open());
    this.#again_ms = Math.min(2 * this.#again_ms, OPEN_AGAIN_MOST_MS);
  }

  #refused(error: unknown): void {
    if (error instanceof ApiError && error.code === LOG_DELETED) this.#deleted = error.message;
    else this.failed(sentence(error));
  }

  #changed(): void {
    if (this.#closed) return;
    this.#planned ??= this.#deps.schedule(() => {
      this.#planned = null;
      this.#version++;
    });
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
