/**
 * The log of one run as it is written: its book, fed by the socket from where the book ends, over every reconnect. Lines change once per frame (`version`),
 * however many chunks came. What it shows is the file's text in the file's order, or a row that says what is missing; never a guess.
 */
import { LogBook } from '../logview/log_book.ts';
import type { LogServer } from '../logview/log_server.ts';
import { utf8Length } from '../logview/held_line.ts';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import type { ByteRange } from '../transport/api.ts';
import { ApiError } from '../transport/http_json.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import type { Scheduler } from './frame.ts';
import { HashCheck } from './hash_check.svelte.ts';

/** The server's word for a log that its bounds have taken away. */
const LOG_DELETED = 'log_deleted';

export interface LogTailDeps {
  watch(run_id: number, watcher: LogWatcher): () => void;
  rewatch(run_id: number): void;
  server: LogServer;
  /** Bytes of the log now; null when there is none yet. @throws ApiError */
  size(run_id: number): Promise<number | null>;
  bytes(run_id: number, range: ByteRange): Promise<Uint8Array>;
  schedule: Scheduler;
}

export class LogTail implements LogWatcher {
  readonly run_id: number;
  readonly book: LogBook;
  readonly hash: HashCheck;
  /** Resolves when it is known how long the log is, or that this cannot be known now. */
  readonly opened: Promise<void>;
  #version = $state.raw(0);
  #ended = $state.raw(false);
  #problem = $state.raw('');
  #deleted = $state.raw<string | null>(null);
  #last_at = -Infinity;
  readonly #deps: LogTailDeps;
  #unwatch: (() => void) | null = null;
  #planned: (() => void) | null = null;
  #closed = false;
  #known: () => void = () => undefined;

  constructor(run_id: number, deps: LogTailDeps) {
    this.run_id = run_id;
    this.#deps = deps;
    this.book = new LogBook({ run_id, server: deps.server, changed: () => this.#changed() });
    this.hash = new HashCheck((range) => deps.bytes(run_id, range));
    this.opened = new Promise((resolve) => (this.#known = resolve));
  }

  /** Changes with the lines of the book. */
  get version(): number {
    return this.#version;
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

  /** Call once. */
  async open(): Promise<void> {
    // Without an answer the socket begins at the beginning, and the bound of the book holds there, too.
    await this.book.open().catch((error: unknown) => this.#refused(error));
    if (!this.#closed && this.#deleted === null) this.#unwatch = this.#deps.watch(this.run_id, this);
    this.#known();
    this.#changed();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#planned?.();
    this.#planned = null;
    this.book.close();
    this.hash.close();
  }

  offset(): number {
    return this.book.lane_end;
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
