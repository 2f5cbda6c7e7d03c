/**
 * The log of one run as it is written. It begins near the end of a long log, follows the socket's chunks from its own offset over every reconnect, and
 * loads on request what was left out. Rows change once per frame (`version`), however many chunks came. What it shows is the file's text in the
 * file's order, or a row that says what is missing; never a guess.
 */
import { LogDocument, type Gap } from '../logview/log_document.ts';
import { utf8Length } from '../logview/text_piece.ts';
import { characterStart, lineStart } from '../logview/utf8_cut.ts';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import type { ByteRange } from '../transport/api.ts';
import type { LogWatcher } from '../transport/log_watches.ts';
import type { Scheduler } from './frame.ts';

/** Of a log that is there already, so much is read from its end. */
export const TAIL_BYTES = 4 * 1024 * 1024;
/** Loaded by one press of "Load". */
export const LOAD_BYTES = 1024 * 1024;
/** Read to find the first whole line of the tail. */
const ALIGN_BYTES = 4 * 1024;

export interface LogTailDeps {
  watch(run_id: number, watcher: LogWatcher): () => void;
  rewatch(run_id: number): void;
  /** Bytes of the log now; null when there is none yet. @throws ApiError */
  size(run_id: number): Promise<number | null>;
  bytes(run_id: number, range: ByteRange): Promise<Uint8Array>;
  schedule: Scheduler;
}

export class LogTail implements LogWatcher {
  readonly run_id: number;
  #document = $state.raw(new LogDocument(0));
  #version = $state.raw(0);
  #ended = $state.raw(false);
  #problem = $state.raw('');
  #loading = $state.raw<Gap | null>(null);
  readonly #deps: LogTailDeps;
  #unwatch: (() => void) | null = null;
  #planned: (() => void) | null = null;
  #closed = false;

  constructor(run_id: number, deps: LogTailDeps) {
    this.run_id = run_id;
    this.#deps = deps;
  }

  get document(): LogDocument {
    return this.#document;
  }
  /** Changes with the rows. */
  get version(): number {
    return this.#version;
  }
  /** The log is closed and all of it has been read. */
  get ended(): boolean {
    return this.#ended;
  }
  /** Why there is nothing to read, or no more; '' when all is well. */
  get problem(): string {
    return this.#problem;
  }
  get loading(): Gap | null {
    return this.#loading;
  }

  /** Call once. */
  async open(): Promise<void> {
    const from = await this.#begin();
    if (this.#closed) return;
    this.#document = new LogDocument(from);
    this.#unwatch = this.#deps.watch(this.run_id, this);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#planned?.();
    this.#planned = null;
  }

  offset(): number {
    return this.#document.end;
  }

  chunk(chunk: Chunk): void {
    const bytes = chunk.bytes ?? utf8Length(chunk.text);
    if (!this.#document.append({ offset: chunk.offset ?? this.#document.end, bytes, text: chunk.text })) this.#deps.rewatch(this.run_id);
    this.#problem = '';
    this.#changed();
  }

  gap(_from: number, to: number): void {
    this.#document.skipTo(to);
    this.#changed();
  }

  end(bytes: number): void {
    this.#document.skipTo(bytes);
    this.#ended = true;
    this.#changed();
  }

  failed(message: string): void {
    this.#problem = message;
  }

  /** Loads the end of a gap: the bytes next to what is shown below it. */
  async load(gap: Gap): Promise<void> {
    if (this.#loading !== null || this.#document.full) return;
    this.#loading = gap;
    this.#problem = '';
    const from = Math.max(gap.from, gap.to - LOAD_BYTES);
    try {
      const bytes = await this.#deps.bytes(this.run_id, { from, to: gap.to });
      if (bytes.length !== gap.to - from) throw new Error(`The server sent ${bytes.length} of ${gap.to - from} bytes.`);
      const skip = from === gap.from ? 0 : characterStart(bytes);
      this.#document.fill(from + skip, gap.to, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(skip)));
    } catch (error) {
      this.#problem = `Not loaded. ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.#loading = null;
      this.#changed();
    }
  }

  /** The offset to read from: 0, or the beginning of a line `TAIL_BYTES` before the end. */
  async #begin(): Promise<number> {
    try {
      const size = await this.#deps.size(this.run_id);
      if (size === null || size <= TAIL_BYTES) return 0;
      const from = size - TAIL_BYTES;
      return from + lineStart(await this.#deps.bytes(this.run_id, { from, to: from + ALIGN_BYTES }));
    } catch {
      // Not asked successfully: the socket begins at 0, and the bound on lines holds there too.
      return 0;
    }
  }

  #changed(): void {
    this.#planned ??= this.#deps.schedule(() => {
      this.#planned = null;
      this.#version++;
    });
  }
}
