/** The runs whose logs this page follows. It holds what must survive a link: who follows, and from which offset; on every new link all are asked for again. */
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import type { FrameDown, FrameUp } from '../shared/protocol/frames.ts';

/** Who follows the log of one run. */
export interface LogWatcher {
  /** Byte offset to go on from; asked for on every new link. */
  offset(): number;
  /** There is a new link after one that was lost: the log may have gone far meanwhile. It is asked for once this has resolved; must not reject. */
  relinked?(): Promise<void>;
  chunk(chunk: Chunk): void;
  gap(from: number, to: number): void;
  end(bytes: number): void;
  /** The server cannot give this log. */
  failed(message: string): void;
}

export class LogWatches {
  readonly #watchers = new Map<number, LogWatcher>();
  /** Those that were asked for on some link. */
  readonly #asked = new WeakSet<LogWatcher>();
  /** Links so far. */
  #links = 0;
  readonly #send: (frame: FrameUp) => unknown;

  /** @param send may do nothing while there is no link: `askAll` follows. */
  constructor(send: (frame: FrameUp) => unknown) {
    this.#send = send;
  }

  watch(run_id: number, watcher: LogWatcher): () => void {
    this.#watchers.set(run_id, watcher);
    this.#ask(run_id, watcher);
    return () => {
      if (this.#watchers.get(run_id) !== watcher) return;
      this.#watchers.delete(run_id);
      this.#send({ type: 'unwatch', run_id });
    };
  }

  rewatch(run_id: number): void {
    const watcher = this.#watchers.get(run_id);
    if (watcher === undefined) return;
    this.#send({ type: 'unwatch', run_id });
    this.#ask(run_id, watcher);
  }

  /** On a new link. */
  askAll(): void {
    const link = ++this.#links;
    for (const [run_id, watcher] of this.#watchers) {
      const ready = this.#asked.has(watcher) ? watcher.relinked?.() : undefined;
      if (ready === undefined) this.#ask(run_id, watcher);
      else void ready.then(() => link === this.#links && this.#watchers.get(run_id) === watcher && this.#ask(run_id, watcher));
    }
  }

  /** Frames that are not about a log are passed over. */
  read(frame: FrameDown): void {
    switch (frame.type) {
      case 'chunk':
        this.#watchers.get(frame.chunk.run_id)?.chunk(frame.chunk);
        break;
      case 'log_gap':
        this.#watchers.get(frame.run_id)?.gap(frame.from, frame.to);
        break;
      case 'log_end':
        this.#watchers.get(frame.run_id)?.end(frame.bytes);
        break;
      case 'error':
        if (frame.run_id !== undefined) this.#watchers.get(frame.run_id)?.failed(frame.message);
        break;
      default:
    }
  }

  #ask(run_id: number, watcher: LogWatcher): void {
    if (this.#links > 0) this.#asked.add(watcher);
    this.#send({ type: 'watch', run_id, offset: watcher.offset() });
  }
}
